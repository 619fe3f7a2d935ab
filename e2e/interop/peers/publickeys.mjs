// Providers that sign with a private key. Two of the packages only verify: there node:crypto
// signs by the provider's documentation, and the package says whether that is right.
import { EventWebhook } from '@sendgrid/eventwebhook';
import { verifyKey } from 'discord-interactions';
import { sign as signWith } from 'node:crypto';
import truelayer from 'truelayer-signing';
import { event, keyPair } from '../keys.mjs';

const sendgrid = new EventWebhook();

export default [
  {
    package: 'discord-interactions',
    provider: 'discord',
    by: 'node:crypto',
    ...keyPair('ed25519', {}, (key) => Buffer.from(key.export({ format: 'jwk' }).x, 'base64url').toString('hex')),
    body: event,
    sign: ({ key, at, body }) => ({
      headers: {
        'X-Signature-Timestamp': String(at),
        'X-Signature-Ed25519': signWith(null, Buffer.from(at + body), key).toString('hex'),
      },
    }),
    verify: ({ secret, body, header }) => verifyKey(body, header('X-Signature-Ed25519'), header('X-Signature-Timestamp'), secret),
  },
  {
    package: '@sendgrid/eventwebhook',
    provider: 'sendgrid',
    by: 'node:crypto',
    ...keyPair('ec', { namedCurve: 'P-256' }, (key) => key.export({ type: 'spki', format: 'der' }).toString('base64')),
    body: '[{"sg_event_id":"1000","event":"delivered","email":"a@b.example"}]\r\n',
    sign: ({ key, at, body }) => ({
      headers: {
        'X-Twilio-Email-Event-Webhook-Timestamp': String(at),
        'X-Twilio-Email-Event-Webhook-Signature': signWith('sha256', Buffer.from(at + body), key).toString('base64'),
      },
    }),
    verify: ({ secret, body, header }) => sendgrid.verifySignature(
      sendgrid.convertPublicKeyToECDSA(secret),
      body,
      header('X-Twilio-Email-Event-Webhook-Signature'),
      header('X-Twilio-Email-Event-Webhook-Timestamp'),
    ),
  },
  {
    package: 'truelayer-signing',
    provider: 'truelayer',
    ...keyPair('ec', { namedCurve: 'P-521' }, (key) =>
      JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), kid: 'interop', alg: 'ES512' }] })),
    window: false,
    body: event,
    headers: { 'X-Tl-Webhook-Timestamp': '2026-01-01T00:00:00Z' },
    sign: ({ key, method, url, body, headers }) => ({
      headers: {
        'Tl-Signature': truelayer.sign({
          kid: 'interop', privateKeyPem: key.export({ type: 'sec1', format: 'pem' }), method, path: new URL(url).pathname, headers, body,
        }),
      },
    }),
    verify: ({ secret, method, url, body, header, headers }) => {
      truelayer.verify({ jwks: secret, signature: header('Tl-Signature'), method, path: new URL(url).pathname, headers, body });
      return true;
    },
  },
];
