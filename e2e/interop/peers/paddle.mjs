import { Paddle } from '@paddle/paddle-node-sdk';
import { event, text } from '../keys.mjs';

const { webhooks } = new Paddle('unused');

export default [{
  package: '@paddle/paddle-node-sdk',
  provider: 'paddle',
  ...text(),
  body: event,
  verify: ({ secret, body, header }) => webhooks.isSignatureValid(body, secret, header('Paddle-Signature')),
}];
