import { WorkOS } from '@workos-inc/node';
import { event, text } from '../keys.mjs';

const { webhooks } = new WorkOS('sk_unused');

// The package takes the body parsed, and writes it anew: it has to be as JSON.stringify writes it.
export default [{
  package: '@workos-inc/node',
  provider: 'workos',
  ...text(),
  body: event,
  sign: async ({ key, at, body }) => ({
    headers: { 'WorkOS-Signature': `t=${at * 1000}, v1=${await webhooks.computeSignature(at * 1000, JSON.parse(body), key)}` },
  }),
  verify: ({ secret, body, header }) =>
    webhooks.verifyHeader({ payload: JSON.parse(body), sigHeader: header('WorkOS-Signature'), secret }),
}];
