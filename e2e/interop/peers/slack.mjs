import bolt from '@slack/bolt';
import { event, text } from '../keys.mjs';

const verify = ({ secret, body, header }) => {
  bolt.verifySlackRequest({
    signingSecret: secret,
    body,
    headers: {
      'x-slack-signature': header('X-Slack-Signature'),
      'x-slack-request-timestamp': Number(header('X-Slack-Request-Timestamp')),
    },
  });
  return true;
};

export default [
  { package: '@slack/bolt', provider: 'slack', ...text(), body: event, verify },
  {
    package: '@slack/bolt',
    provider: 'slack',
    name: 'slack-command',
    ...text(),
    contentType: 'application/x-www-form-urlencoded',
    body: 'command=%2Fpay&text=1000&team_id=T1',
    verify,
  },
];
