import Stripe from 'stripe';
import { event, text } from '../keys.mjs';

const { webhooks } = new Stripe('sk_test_unused');

export default [{
  package: 'stripe',
  provider: 'stripe',
  ...text(),
  body: event,
  sign: ({ key, at, body }) => ({
    headers: { 'Stripe-Signature': webhooks.generateTestHeaderString({ secret: key, timestamp: at, payload: body }) },
  }),
  verify: ({ secret, body, header }) => Boolean(webhooks.constructEvent(body, header('Stripe-Signature'), secret)),
}];
