import { Signature } from '@hubspot/api-client';
import { event, text } from '../keys.mjs';

const version = (signatureVersion, name, field) => ({
  package: '@hubspot/api-client',
  provider: name,
  ...text(),
  window: false,
  body: event,
  sign: ({ key, method, url, body }) => ({
    headers: { [field]: Signature.getSignature(method, signatureVersion, { clientSecret: key, requestBody: body, url }) },
  }),
  verify: ({ secret, method, url, body, header }) => Signature.isValid({
    clientSecret: secret, signatureVersion, method, url, requestBody: body, signature: header(field),
  }),
});

export default [
  version('v1', 'hubspot-v1', 'X-HubSpot-Signature'),
  version('v2', 'hubspot-v2', 'X-HubSpot-Signature'),
  {
    ...version('v3', 'hubspot', 'X-HubSpot-Signature-v3'),
    window: true,
    sign: ({ key, at, method, url, body }) => ({
      headers: {
        'X-HubSpot-Request-Timestamp': String(at * 1000),
        'X-HubSpot-Signature-v3': Signature.getSignature(method, 'v3', {
          clientSecret: key, requestBody: body, url, timestamp: at * 1000,
        }),
      },
    }),
    verify: ({ secret, method, url, body, header }) => Signature.isValid({
      clientSecret: secret,
      signatureVersion: 'v3',
      method,
      url,
      requestBody: body,
      signature: header('X-HubSpot-Signature-v3'),
      timestamp: Number(header('X-HubSpot-Request-Timestamp')),
    }),
  },
];
