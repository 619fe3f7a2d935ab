// Everything here is an addition: each page works without it. No module makes HTML of
// text, and the pages' policy forbids it (require-trusted-types-for 'script').
import { keepUpToDate } from "./live.js";
import { listenToKeys } from "./keys.js";
import { offerCopies } from "./copy.js";
import { askFirst } from "./confirm.js";
import { countSelected } from "./select.js";
import { tellTimes } from "./times.js";
import { shortenQueries } from "./filters.js";

document.documentElement.classList.add("scripted");
for (const start of [tellTimes, offerCopies, askFirst, countSelected, shortenQueries, listenToKeys, keepUpToDate]) start();
