import { sign, verify } from 'retell-sdk';
import { event, text } from '../keys.mjs';

const stale = (at) => Date.now() - at * 1000 > 60_000;

// The package signs for now only.
export default [{
  package: 'retell-sdk',
  provider: 'retell',
  ...text(),
  body: event,
  sign: async ({ key, at, body }) => (stale(at) ? null : { headers: { 'X-Retell-Signature': await sign(body, key) } }),
  verify: ({ secret, body, header }) => verify(body, secret, header('X-Retell-Signature')),
}];
