// The rules whose verdicts are compared, with the number of distinct strings generated for each. value: the value of a MAIL or RCPT
// parameter, hence an esmtp-value as well (RFC 5321 4.1.2). few: a language of so few words that few strings are accepted.
// also: strings that chance would not find.
const solicitation = (length) => `a${':b'.repeat(600)}`.slice(0, length);
const transid = (length) => `<${'l'.repeat(length - 6)}@d.e>`;
const comment = (depth) => '('.repeat(depth) + ')'.repeat(depth);
// Behind the domain stands TCP-info, or a comment that looks like it.
const ambiguous = ['a.b ([192.0.2.1])BY c.d', 'a.b ([192.0.2.1]) BY c.d', 'a.b (c.d [192.0.2.1])BY c.d', 'a.b BY c.d ([192.0.2.1])VIA TCP', 'a.b BY c.d ([192.0.2.1])', '[192.0.2.1] ([192.0.2.1])BY c.d'].map(
  (clauses) => `Received: FROM ${clauses}; 1 Jan 2020 00:00 +0000`,
);
const stamp = (depth) => `Received: FROM a.b BY c.d ${comment(depth)}; 1 Jan 2020 00:00 +0000`;

const words = ['data', 'rset', 'quit', 'starttls', 'body-value', 'ret-value', 'priority-value'].map((rule) => ({ rule, count: 700 }));
const narrow = ['size-value', 'status-code', 'future-release-integer', 'by-value', 'sasl-mech', 'priority-profile', 'submitter-value', 'auth-value', 'envid-value', 'notify-esmtp-value'];
const valueRules = new Set(['size-value', 'body-value', 'ret-value', 'envid-value', 'notify-esmtp-value', 'original-recipient-address', 'auth-value', 'by-value', 'future-release-integer', 'future-release-date-time', 'priority-value', 'rrvs-value', 'Solicitation-keywords', 'mtrk-value', 'transid-value', 'submitter-value']);

export const topRules = [
  ...words,
  ...narrow.map((rule) => ({ rule, count: 2000 })),
  ...['helo', 'ehlo', 'lhlo', 'vrfy', 'expn', 'help', 'noop', 'auth-command', 'bdat', 'etrn', 'atrn', 'xclient', 'xforward', 'wellknown', 'wellknown-rsp', 'burl-offer', 'obsolete'].map((rule) => ({ rule, count: 3000 })),
  ...['String', 'ehlo-line', 'auth-mechanisms', 'deliverby-param', 'futurerelease-param', 'limits-param', 'initial-response', 'auth-response'].map((rule) => ({ rule, count: 2500 })),
  ...['future-release-date-time', 'rfc3339-date-time', 'rrvs-value', 'mtrk-value', 'original-recipient-address', 'date-time', 'Return-path-line', 'Reverse-path'].map((rule) => ({ rule, count: 4000 })),
  { rule: 'Solicitation-keywords', count: 2500, also: [solicitation(999), solicitation(1000), solicitation(1001)] },
  { rule: 'transid-value', count: 3000, also: [transid(79), transid(80), transid(81)] },
  { rule: 'size-param', count: 2000, also: ['', '9'.repeat(20), '9'.repeat(21)] },
  { rule: 'comment', count: 4000, also: [comment(7), comment(8), comment(9), comment(10)] },
  ...['burl', 'absolute-URI', 'Domain', 'Local-part', 'Mail-parameters', 'Greeting', 'Reply-line', 'ehlo-ok-rsp'].map((rule) => ({ rule, count: 5000 })),
  ...['Mailbox', 'Path', 'mail', 'rcpt'].map((rule) => ({ rule, count: 7000 })),
  { rule: 'address-literal', count: 6000 },
  { rule: 'IPv6-addr', count: 9000 },
  { rule: 'Time-stamp-line', count: 5000, also: [stamp(7), stamp(8), stamp(9), ...ambiguous] },
].map((top) => ({ ...top, value: valueRules.has(top.rule) }));
