// Providers that sign the body alone.
import { hmacValidator } from '@adyen/api-library';
import EasyPost from '@easypost/api';
import { validateSignature } from '@line/bot-sdk';
import { signWebhookPayload, verifyWebhookSignature } from '@notionhq/client';
import { WebhookEventVerifier } from '@onfido/api';
import coinbase from 'coinbase-commerce-node';
import * as gocardless from 'gocardless-nodejs';
import Pusher from 'pusher';
import Razorpay from 'razorpay';
import smartcar from 'smartcar';
import { event, hex, text } from '../keys.mjs';

const hmac = new hmacValidator(); // eslint-disable-line new-cap -- the package's own spelling
const pusherKey = 'f2d1';

const plain = (peer) => ({ window: false, body: event, ...text(), ...peer });

export default [
  {
    package: '@adyen/api-library', provider: 'adyen-platform',
    ...hex(),
    sign: ({ key, body }) => ({ headers: { HmacSignature: hmac.calculateHmac(body, key) } }),
    verify: ({ secret, body, header }) => hmac.validateHMACSignature(secret, header('HmacSignature'), body),
  },
  {
    package: '@easypost/api', provider: 'easypost',
    secret: 'sécret Å', // decomposed before use
    verify: ({ secret, body, headers }) =>
      Boolean(new EasyPost('unused').Utils.validateWebhook(Buffer.from(body), headers, secret)),
  },
  {
    package: '@line/bot-sdk', provider: 'line',
    verify: ({ secret, body, header }) => validateSignature(body, secret, header('X-Line-Signature')),
  },
  {
    package: '@notionhq/client', provider: 'notion',
    sign: async ({ key, body }) => ({ headers: { 'X-Notion-Signature': await signWebhookPayload({ body, verificationToken: key }) } }),
    verify: ({ secret, body, header }) =>
      verifyWebhookSignature({ body, signature: header('X-Notion-Signature'), verificationToken: secret }),
  },
  {
    package: '@onfido/api', provider: 'onfido',
    verify: ({ secret, body, header }) =>
      Boolean(new WebhookEventVerifier(secret).readPayload(body, header('X-SHA2-Signature'))),
  },
  {
    package: 'coinbase-commerce-node', provider: 'coinbase-commerce',
    sign: ({ key, body }) => ({ headers: { 'X-CC-Webhook-Signature': coinbase.Webhook.computeSignature(body, key) } }),
    verify: ({ secret, body, header }) => coinbase.Webhook.verifySigHeader(body, header('X-CC-Webhook-Signature'), secret),
  },
  {
    package: 'gocardless-nodejs', provider: 'gocardless',
    body: '{"events":[{"id":"EV1000","resource_type":"payments","action":"confirmed"}]}',
    verify: ({ secret, body, header }) => Boolean(gocardless.parse(body, secret, header('Webhook-Signature'))),
  },
  {
    package: 'pusher', provider: 'pusher',
    headers: { 'X-Pusher-Key': pusherKey },
    config: { app_key: pusherKey },
    verify: ({ secret, body, headers }) => new Pusher({ appId: '1', key: pusherKey, secret, cluster: 'eu' })
      .webhook({ headers, rawBody: body }).isValid(),
  },
  {
    package: 'razorpay', provider: 'razorpay',
    verify: ({ secret, body, header }) => Razorpay.validateWebhookSignature(body, header('X-Razorpay-Signature'), secret),
  },
  {
    package: 'smartcar', provider: 'smartcar',
    sign: ({ key, body }) => ({ headers: { 'SC-Signature': smartcar.hashChallenge(key, body) } }),
    verify: ({ secret, body, header }) => smartcar.verifyPayload(secret, header('SC-Signature'), JSON.parse(body)),
  },
].map(plain);
