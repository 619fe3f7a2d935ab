import { WebhooksHelper } from 'square';
import { event, text } from '../keys.mjs';

export default [{
  package: 'square',
  provider: 'square',
  ...text(),
  window: false,
  body: event,
  verify: ({ secret, url, body, header }) => WebhooksHelper.verifySignature({
    requestBody: body,
    signatureHeader: header('X-Square-HmacSha256-Signature'),
    signatureKey: secret,
    notificationUrl: url,
  }),
}];
