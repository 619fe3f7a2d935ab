import { sign, verify } from '@octokit/webhooks-methods';
import { event, text } from '../keys.mjs';

export default [{
  package: '@octokit/webhooks-methods',
  provider: 'github',
  ...text(),
  window: false,
  body: event,
  headers: { 'X-GitHub-Event': 'push', 'X-GitHub-Delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958' },
  sign: async ({ key, body }) => ({ headers: { 'X-Hub-Signature-256': await sign(key, body) } }),
  verify: ({ secret, body, header }) => verify(secret, body, header('X-Hub-Signature-256')),
}];
