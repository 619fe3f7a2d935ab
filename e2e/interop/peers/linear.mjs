import { LinearWebhookClient } from '@linear/sdk/webhooks';
import { event, text } from '../keys.mjs';

// The time is in the body, as a number.
export default [{
  package: '@linear/sdk',
  provider: 'linear',
  ...text(),
  body: JSON.stringify({ webhookTimestamp: 0, ...JSON.parse(event) }),
  headers: { 'Linear-Event': 'Issue', 'Linear-Delivery': '234d1a4e-b617-4388-90fe-adc3633d6b72' },
  verify: ({ secret, body, header }) =>
    new LinearWebhookClient(secret).verify(Buffer.from(body), header('Linear-Signature')),
}];
