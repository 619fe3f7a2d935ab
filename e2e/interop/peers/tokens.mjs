// Providers that send a JWT with the digest of the body.
import { Receiver } from '@upstash/qstash';
import { AccessToken, WebhookReceiver } from 'livekit-server-sdk';
import { createHash } from 'node:crypto';
import { event, text } from '../keys.mjs';

const apiKey = 'APIunused';

export default [
  {
    package: '@upstash/qstash',
    provider: 'qstash',
    ...text(),
    body: event,
    verify: ({ secret, body, header }) => new Receiver({ currentSigningKey: secret, nextSigningKey: secret })
      .verify({ signature: header('Upstash-Signature'), body }),
  },
  {
    package: 'livekit-server-sdk',
    provider: 'livekit',
    ...text(),
    ours: false, // the package asks for the API key as issuer, which is not part of the secret
    contentType: 'application/webhook+json',
    body: '{"event":"room_started","id":"EV_1000"}',
    sign: async ({ key, at, body }) => {
      const token = new AccessToken(apiKey, key, { ttl: at - Math.floor(Date.now() / 1000) + 300 });
      token.sha256 = createHash('sha256').update(body).digest('base64');
      return { headers: { Authorization: await token.toJwt() } };
    },
    verify: async ({ secret, body, header }) =>
      Boolean(await new WebhookReceiver(apiKey, secret).receive(body, header('Authorization'))),
  },
];
