// Keys that are made anew for every run: a secret, and one that is wrong.
import { generateKeyPairSync, randomBytes } from 'node:crypto';

const pair = (make) => ({ secret: make(), wrong: make() });

export const text = () => pair(() => randomBytes(24).toString('base64url'));
export const hex = () => pair(() => randomBytes(32).toString('hex'));
export const whsec = () => pair(() => `whsec_${randomBytes(24).toString('base64')}`);

// keyPair returns the provider's private key, another one, and what the provider publishes.
export function keyPair(type, options, publish) {
  const { privateKey: key, publicKey } = generateKeyPairSync(type, options);
  return { key, wrong: generateKeyPairSync(type, options).privateKey, secret: publish(publicKey) };
}

// event is a body with letters whose encoding matters, and an amount to tamper with.
export const event = JSON.stringify({ id: 'evt_1', type: 'invoice.paid', amount: 1000, name: 'Zoë & 名前', note: '<"\\u2028">' });
