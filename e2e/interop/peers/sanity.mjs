import { encodeSignatureHeader, isValidSignature } from '@sanity/webhook';
import { event, text } from '../keys.mjs';

// The package checks no time, since Sanity does not sign its retries anew.
export default [{
  package: '@sanity/webhook',
  provider: 'sanity',
  ...text(),
  window: false,
  body: event,
  sign: async ({ key, at, body }) => ({
    headers: { 'Sanity-Webhook-Signature': await encodeSignatureHeader(body, at * 1000, key) },
  }),
  verify: ({ secret, body, header }) => isValidSignature(body, header('Sanity-Webhook-Signature'), secret),
}];
