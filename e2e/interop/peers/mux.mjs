import Mux from '@mux/mux-node';
import { event, text } from '../keys.mjs';

const { webhooks } = new Mux({ tokenId: 'unused', tokenSecret: 'unused' });

export default [{
  package: '@mux/mux-node',
  provider: 'mux',
  ...text(),
  body: event,
  verify: async ({ secret, body, headers }) => Boolean(await webhooks.unwrap(body, headers, secret)),
}];
