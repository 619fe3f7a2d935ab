// Lets a test use the packages: it reads one JSON object a line from standard input,
// and answers each with one line.
//
//   {"do": "list"}                                      what there is, without functions
//   {"do": "sign", "peer": 0, "request": {…}}           the request, signed by the package
//   {"do": "verify", "peer": 0, "request": {…}}         {"valid": true or false, "why": "…"}
//
// See README.md for what a peer is.
import { readFile, readdir } from 'node:fs/promises';
import { createInterface } from 'node:readline';

console.log = console.info = console.debug = console.error; // standard output is for answers

const here = new URL('.', import.meta.url);
const peers = [];
for (const file of (await readdir(new URL('peers/', here))).sort()) {
  const module = await import(new URL(`peers/${file}`, here));
  peers.push(...module.default.map(complete));
}
for (const peer of peers) {
  peer.version = await installed(peer.package);
}

function complete(peer) {
  return {
    name: peer.provider,
    contentType: 'application/json',
    headers: {},
    query: '',
    tamper: ['1000', '9000'],
    window: true,
    ours: true,
    ...peer,
    signs: Boolean(peer.sign),
    verifies: Boolean(peer.verify),
  };
}

async function installed(name) {
  return JSON.parse(await readFile(new URL(`node_modules/${name}/package.json`, here))).version;
}

const actions = {
  list: () => peers,
  async sign({ peer: n, request }) {
    const peer = peers[n];
    const signed = await peer.sign({ ...request, key: request.wrong ? peer.wrong : (peer.key ?? peer.secret) });
    return signed && { ...request, ...signed, headers: { ...request.headers, ...signed.headers } };
  },
  async verify({ peer: n, request }) {
    const peer = peers[n];
    const header = (name) => request.headers[name.toLowerCase()];
    try {
      return { valid: (await peer.verify({ ...request, header, secret: peer.secret })) === true };
    } catch (error) {
      return { valid: false, why: String(error) };
    }
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const order = JSON.parse(line);
    answer = { result: (await actions[order.do](order)) ?? null };
  } catch (error) {
    answer = { error: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
