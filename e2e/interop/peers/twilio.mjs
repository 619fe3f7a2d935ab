import twilio from 'twilio';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { event, text } from '../keys.mjs';

const fields = (body) => Object.fromEntries(new URLSearchParams(body));

export default [
  {
    package: 'twilio',
    provider: 'twilio',
    ...text(),
    window: false,
    query: 'tenant=a%20b',
    contentType: 'application/x-www-form-urlencoded',
    body: 'MessageSid=SM1000&MessageStatus=delivered&Body=caf%C3%A9+%26+more&Empty=',
    sign: ({ key, url, body }) => ({
      headers: { 'X-Twilio-Signature': webhooks.getExpectedTwilioSignature(key, url, fields(body)) },
    }),
    verify: ({ secret, header, url, body }) => twilio.validateRequest(secret, header('X-Twilio-Signature'), url, fields(body)),
  },
  {
    package: 'twilio',
    provider: 'twilio',
    name: 'twilio-json',
    ...text(),
    window: false,
    query: `bodySHA256=${webhooks.getExpectedBodyHash(event)}`,
    body: event,
    sign: ({ key, url }) => ({ headers: { 'X-Twilio-Signature': webhooks.getExpectedTwilioSignature(key, url, {}) } }),
    verify: ({ secret, header, url, body }) =>
      twilio.validateRequestWithBody(secret, header('X-Twilio-Signature'), url, body),
  },
];
