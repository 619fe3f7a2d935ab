import cloudinary from 'cloudinary';
import { event, text } from '../keys.mjs';

const { utils, config } = cloudinary.v2;

const account = (provider, algorithm) => ({
  package: 'cloudinary',
  provider,
  ...text(),
  body: event,
  sign: ({ key, at, body }) => ({
    headers: {
      'X-Cld-Timestamp': String(at),
      'X-Cld-Signature': utils.webhook_signature(body, at, { api_secret: key, signature_algorithm: algorithm }),
    },
  }),
  verify: ({ secret, body, header }) => {
    config({ api_secret: secret, signature_algorithm: algorithm });
    return utils.verifyNotificationSignature(body, Number(header('X-Cld-Timestamp')), header('X-Cld-Signature'));
  },
});

export default [account('cloudinary', 'sha1'), account('cloudinary-sha256', 'sha256')];
