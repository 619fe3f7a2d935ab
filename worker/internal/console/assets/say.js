// say tells people who do not see the page what has changed on it.
export function say(text) {
  const place = document.getElementById("said");
  if (place) place.textContent = text;
}
