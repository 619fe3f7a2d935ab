import '@shopify/shopify-api/adapters/node';
import { ApiVersion, LogSeverity, shopifyApi } from '@shopify/shopify-api';
import { getHmac } from '@shopify/shopify-api/test-helpers';
import { event, text } from '../keys.mjs';

const shopify = (secret) => shopifyApi({
  apiKey: 'unused',
  apiSecretKey: secret,
  apiVersion: Object.values(ApiVersion)[0],
  hostName: 'hooks.example',
  isEmbeddedApp: false,
  logger: { level: LogSeverity.Error },
});

// Webhooks and events differ by the prefix of the fields.
const kind = (name, prefix) => ({
  package: '@shopify/shopify-api',
  provider: 'shopify',
  name,
  ...text(),
  window: false,
  body: event,
  headers: {
    [`${prefix}-Topic`]: 'orders/create',
    [`${prefix}-Shop-Domain`]: 'penstock.myshopify.com',
    [`${prefix}-API-Version`]: '2025-01',
    [`${prefix}-Webhook-Id`]: 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
    [`${prefix}-Event-Id`]: '98880550-7158-44d4-b7cd-2c97c8a091b5',
  },
  ours: prefix === 'Shopify', // Penstock signs into the newer field
  sign: ({ key, body }) => ({ headers: { [`${prefix}-Hmac-Sha256`]: getHmac(body, key) } }),
  verify: async ({ secret, body, headers }) =>
    (await shopify(secret).webhooks.validate({ rawBody: body, rawRequest: { method: 'POST', url: '/', headers } })).valid,
});

export default [kind('shopify', 'X-Shopify'), kind('shopify-events', 'Shopify')];
