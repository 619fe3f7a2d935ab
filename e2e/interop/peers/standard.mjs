// Standard Webhooks, and the providers that use it or its older form by Svix.
import { verifyWebhook } from '@clerk/backend/webhooks';
import OpenAI from 'openai';
import { validateWebhook } from 'replicate';
import { Resend } from 'resend';
import * as standard from 'standardwebhooks';
import * as svix from 'svix';
import { event, whsec } from '../keys.mjs';

const signedBy = (Webhook, prefix) => ({ key, at, body }) => ({
  headers: {
    [`${prefix}-id`]: 'msg_1',
    [`${prefix}-timestamp`]: String(at),
    [`${prefix}-signature`]: new Webhook(key).sign('msg_1', new Date(at * 1000), body),
  },
});

const verifiedBy = (Webhook) => ({ secret, body, headers }) => Boolean(new Webhook(secret).verify(body, headers));

const parts = (prefix, { header }) => ({
  id: header(`${prefix}-id`), timestamp: header(`${prefix}-timestamp`), signature: header(`${prefix}-signature`),
});

export default [
  {
    package: 'standardwebhooks', provider: 'standard-webhooks', ...whsec(), body: event,
    sign: signedBy(standard.Webhook, 'webhook'),
    verify: verifiedBy(standard.Webhook),
  },
  {
    package: 'svix', provider: 'svix', ...whsec(), body: event,
    sign: signedBy(svix.Webhook, 'svix'),
    verify: verifiedBy(svix.Webhook),
  },
  {
    package: 'svix', provider: 'svix', name: 'svix-unbranded', ...whsec(), body: event, ours: false,
    sign: signedBy(svix.Webhook, 'webhook'),
    verify: verifiedBy(svix.Webhook),
  },
  {
    package: '@clerk/backend', provider: 'clerk', ...whsec(), body: event,
    verify: async ({ secret, url, headers, body }) =>
      Boolean(await verifyWebhook(new Request(url, { method: 'POST', headers, body }), { signingSecret: secret })),
  },
  {
    package: 'openai', provider: 'openai', ...whsec(), body: event,
    verify: async ({ secret, headers, body }) =>
      Boolean(await new OpenAI({ apiKey: 'unused' }).webhooks.unwrap(body, headers, secret)),
  },
  {
    package: 'resend', provider: 'resend', ...whsec(), body: event,
    verify: (request) => Boolean(new Resend('re_unused').webhooks.verify({
      payload: request.body, headers: parts('svix', request), webhookSecret: request.secret,
    })),
  },
  {
    package: 'replicate', provider: 'replicate', ...whsec(), body: event,
    verify: (request) => validateWebhook({ ...parts('webhook', request), body: request.body, secret: request.secret }),
  },
];
