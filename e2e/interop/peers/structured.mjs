// Providers that sign a form of the request which has to be made first.
import { hmacValidator } from '@adyen/api-library';
import { signRequest, verifyRequest } from '@contentful/node-apps-toolkit';
import hygraph from '@hygraph/utils';
import braintree from 'braintree';
import { createHmac } from 'node:crypto';
import plivo from 'plivo';
import { event, hex, text } from '../keys.mjs';

const hmac = new hmacValidator(); // eslint-disable-line new-cap -- the package's own spelling

const item = {
  additionalData: {},
  amount: { currency: 'EUR', value: 1000 },
  eventCode: 'AUTHORISATION',
  eventDate: '2026-01-01T00:00:00+01:00',
  merchantAccountCode: 'Penstock:ECOM',
  merchantReference: 'order 1',
  originalReference: '',
  pspReference: '7914073381342284',
  success: 'true',
};

const gateway = (privateKey) => new braintree.BraintreeGateway({
  environment: braintree.Environment.Sandbox, merchantId: 'unused', publicKey: 'penstock', privateKey,
});
const form = (fields) => new URLSearchParams(fields).toString();
const sample = (privateKey) => gateway(privateKey).webhookTesting.sampleNotification('check', 'id');

const canonical = ({ method, url, headers, body }) => {
  const { pathname, search } = new URL(url);
  return { method, path: pathname + search, headers, body };
};

const values = (text) => {
  const all = {};
  for (const [name, value] of new URLSearchParams(text)) {
    (all[name] ??= []).push(value);
  }
  return all;
};
const sorted = (text, join) => Object.entries(values(text)).sort()
  .flatMap(([name, list]) => list.sort().map((value) => name + join + value));

// By Plivo's documentation: the URL, "?", the sorted query, ".", the sorted names and values,
// "." and the nonce.
const plivoText = (url, body) => {
  const [address, query = ''] = url.split('?');
  return `${address}?${sorted(query, '=').join('&')}${query && '.'}${sorted(body, '').join('')}.12345`;
};

const call = (request) => ({
  package: 'plivo',
  provider: 'plivo',
  by: 'node:crypto',
  ...text(),
  window: false,
  contentType: 'application/x-www-form-urlencoded',
  sign: ({ key, url, body }) => ({
    headers: {
      'X-Plivo-Signature-V3-Nonce': '12345',
      'X-Plivo-Signature-V3': createHmac('sha256', key).update(plivoText(url, body)).digest('base64'),
    },
  }),
  verify: ({ secret, method, url, body, header }) => plivo.validateV3Signature(
    method, url, header('X-Plivo-Signature-V3-Nonce'), secret, header('X-Plivo-Signature-V3'), values(body),
  ),
  ...request,
});

export default [
  {
    package: '@adyen/api-library',
    provider: 'adyen',
    ...hex(),
    window: false,
    body: JSON.stringify({ live: 'false', notificationItems: [{ NotificationRequestItem: item }] }),
    sign: ({ key, body }) => {
      const notification = JSON.parse(body);
      const [{ NotificationRequestItem: signed }] = notification.notificationItems;
      signed.additionalData.hmacSignature = hmac.calculateHmac(signed, key);
      return { body: JSON.stringify(notification) };
    },
    verify: ({ secret, body }) => hmac.validateHMAC(JSON.parse(body).notificationItems[0].NotificationRequestItem, secret),
  },
  {
    package: 'braintree',
    provider: 'braintree',
    ...text(),
    window: false,
    contentType: 'application/x-www-form-urlencoded',
    body: form({ bt_payload: sample('unused').bt_payload }),
    tamper: ['bt_payload=', 'bt_payload=AAAA'],
    sign: ({ key }) => ({ body: form(sample(key)) }),
    verify: async ({ secret, body }) => {
      const fields = new URLSearchParams(body);
      return Boolean(await gateway(secret).webhookNotification.parse(fields.get('bt_signature'), fields.get('bt_payload')));
    },
  },
  {
    package: '@contentful/node-apps-toolkit',
    provider: 'contentful',
    ...hex(),
    body: event,
    query: 'tenant=a%20b&n=1',
    headers: { 'X-Contentful-Topic': 'ContentManagement.Entry.publish' },
    sign: ({ key, at, ...request }) => ({ headers: signRequest(key, canonical(request), at * 1000) }),
    verify: ({ secret, ...request }) => verifyRequest(secret, canonical(request)),
  },
  {
    package: '@hygraph/utils',
    provider: 'hygraph',
    ...text(),
    window: false,
    body: event,
    sign: ({ key, body }) => ({
      headers: { 'GCMS-Signature': hygraph.generateWebhookSignature({ rawPayload: body, environmentName: 'main', secret: key }) },
    }),
    verify: ({ secret, body, header }) =>
      hygraph.verifyWebhookSignature({ rawPayload: body, signature: header('GCMS-Signature'), secret }),
  },
  call({ name: 'plivo', body: 'CallUUID=1000&Event=Hangup&From=%2B15550001' }),
  call({ name: 'plivo-repeated', query: 'b=2&a=1&a=0', body: 'Digits=3&Digits=1&CallUUID=1000' }),
];
