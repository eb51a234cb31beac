// Where the PEGTL grammar is meant to differ from the transcribed ABNF, one by one: of the texts given to one of rules, we accept those in
// texts (ABNF over the rules of smtp.abnf) though the RFC does not, or refuse them though it does not. No other text may be judged
// otherwise than the ABNF judges it, and for each difference the comparison must meet a text that shows it.

export const differences = [
  {
    what: 'a reply may end with its code and a space',
    rules: ['Reply-line'],
    postel: 'accepts',
    texts: '*( Reply-code "-" [ textstring ] CRLF ) Reply-code SP CRLF',
    why: 'servers write it, and nothing can be mistaken: the line ends all the same',
  },
  {
    what: 'mechanism names in lower case',
    rules: ['sasl-mech'],
    postel: 'accepts',
    texts: 'any-case-mech',
    why: 'clients write "AUTH plain", and servers take it: names are compared without regard to case',
  },
  {
    what: 'mechanism names in lower case, in the command',
    rules: ['auth-command'],
    postel: 'accepts',
    texts: '"AUTH" SP any-case-mech [ SP initial-response ]',
    why: 'the same',
  },
  {
    what: 'mechanism names in lower case, in the response to EHLO',
    rules: ['auth-mechanisms'],
    postel: 'accepts',
    texts: 'any-case-mech *( SP any-case-mech )',
    why: 'the same',
  },
  {
    what: 'comments nested deeper than eight',
    rules: ['comment', 'date-time', 'Time-stamp-line'],
    postel: 'refuses',
    texts: '*( %x5C OCTET / !%x5C OCTET ) 9( "(" *( [FWS] ccontent ) [FWS] ) *OCTET',
    why: 'the stack that a text takes must not grow with the text',
  },
  {
    what: 'null elements in the list of NOTIFY',
    rules: ['notify-esmtp-value'],
    postel: 'refuses',
    texts: '"," *OCTET / *OCTET ",," *OCTET / *OCTET ","',
    why: "RFC 822 2.7 allows them to people who type lists; RFC 3461 4.1 speaks of elements separated by commas",
  },
  {
    what: 'a time not after now with the mode "return"',
    rules: ['by-value'],
    postel: 'accepts',
    texts: '( "-" 1*9DIGIT / ["+"] 1*9"0" ) ";R" [by-trace]',
    why: 'its meaning is wrong, not its form: by() of the typed values refuses it',
  },
  {
    what: 'more than 1000 octets of solicitation keywords',
    rules: ['Solicitation-keywords'],
    postel: 'accepts',
    texts: 'word *( "," word )',
    why: 'a length is not form: solicit() of the typed values refuses it',
  },
  {
    what: 'more than 80 octets of TRANSID',
    rules: ['transid-value'],
    postel: 'accepts',
    texts: '"<" transid-spec ">"',
    why: 'a length is not form: transid() of the typed values refuses it',
  },
  {
    what: 'an EHLO keyword SIZE without its parameter',
    rules: ['size-param'],
    postel: 'refuses',
    texts: '""',
    why: 'an absent parameter is absent; the rule is for one that is there',
  },
  {
    what: 'a SIZE limit of more than 20 digits',
    rules: ['size-param'],
    postel: 'refuses',
    texts: '21*DIGIT',
    why: 'no value of SIZE, of 20 digits at most, could be as large',
  },
  {
    what: 'xtext of no octets as the value of an attribute',
    rules: ['xclient', 'xforward'],
    postel: 'refuses',
    texts: '*OCTET "=" [ SP *OCTET ]',
    why: 'an attribute whose value is not known is written [UNAVAILABLE]',
  },
  {
    what: 'queue names other than atoms joined by dots',
    rules: ['etrn'],
    postel: 'refuses',
    texts: '"ETRN #" !( Dot-string %$ ) *OCTET',
    why: 'RFC 1985 5.3 leaves their form to the server; this is ours',
  },
  {
    what: 'queue names with characters beyond ASCII',
    rules: ['etrn'],
    postel: 'accepts',
    charset: 'internationalized',
    texts: '"ETRN #" Dot-string',
    why: 'as in every other name there',
  },
  {
    what: 'anything after a verb that is recognised only',
    rules: ['obsolete'],
    postel: 'accepts',
    texts: '( "SEND" / "SOML" / "SAML" / "TURN" / "VERB" / "ONEX" ) [ SP textstring ]',
    why: 'the verb is answered with 502 whatever follows it',
  },
];

// Rules that the differences need.
export const helpers = 'any-case-mech = 1*20( mech-char / ALPHA )\n';

// Rules that apg-js's own parser cannot follow as the RFCs write them, because it takes the first alternative and the longest repetition and
// never goes back: the same language, in an order and grouping for it. Only the third opinion reads these.
const everywhere = {
  'Ldh-str': '1*( *"-" Let-dig )',
  'IPv6-addr': 'IPv6v4-full / IPv6v4-comp / IPv6-full / IPv6-comp',
  'IPv6v4-comp': '!five-groups [IPv6-hex *3(":" IPv6-hex)] "::" *4( IPv6-hex ":" ) IPv4-address-literal',
  HEXPOINT:
    '"10" 4HEXDIG / NZHEXDIG 4HEXDIG / "D" %x30-37 2HEXDIG / NZDHEXDIG 3HEXDIG / NZHEXDIG 2HEXDIG / ( "0" / "1" ) %x31-39 / "10" / "20" / "2B" / "3D" / "7F" / "5C" / HEXDIG8 HEXDIG',
  IPv6address:
    '6( h16 ":" ) ls32 / "::" 5( h16 ":" ) ls32 / [ h16 ] "::" 4( h16 ":" ) ls32 / [ h16 *1( ":" h16 ) ] "::" 3( h16 ":" ) ls32 / [ h16 *2( ":" h16 ) ] "::" 2( h16 ":" ) ls32 / [ h16 *3( ":" h16 ) ] "::" h16 ":" ls32 / [ h16 *4( ":" h16 ) ] "::" ls32 / [ h16 *5( ":" h16 ) ] "::" h16 / [ h16 *6( ":" h16 ) ] "::"',
  'dec-octet': '"25" %x30-35 / "2" %x30-34 DIGIT / "1" 2DIGIT / %x31-39 DIGIT / DIGIT',
  host: 'IP-literal / reg-name',
  'burl-param': '"imap://" authority / "imap"',
  'user-name': 'Mailbox / Local-part',
};
export const prioritized = {
  ascii: everywhere,
  internationalized: {
    ...everywhere,
    'sub-domain': 'U-label / !64( Let-dig / "-" ) Let-dig [Ldh-str]',
    'U-label': '&( *( Let-dig / "-" ) UTF8-non-ascii ) !253label-octet 1*u-let-dig *( 1*"-" 1*u-let-dig )',
    vrfy: '"VRFY" SP user-name [ SP "SMTPUTF8" ]',
    expn: '"EXPN" SP user-name [ SP "SMTPUTF8" ]',
    'utf-8-enc-addr': 'utf-8-addr-unitext',
  },
};

// Rules that no order makes such a parser follow: a clause of Received is only known by what comes behind it.
export const beyondPriority = ['Time-stamp-line'];
