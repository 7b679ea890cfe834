import { type Clues, hasAny, type Kind } from './kafka-error-kind.js';

const EXPIRED = /^(?:CERT|CRL)_HAS_EXPIRED$/;
const EARLY = /^(?:CERT|CRL)_NOT_YET_VALID$/;
const OTHER_NAME = /^(?:ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/;
const UNTRUSTED = /^(?:DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|CERT_|ERR_TLS_CERT_|CRL_)/;
/** What the other side says of this one's certificate, or of its lack. */
const CLIENT = /^ERR_SSL_\w*ALERT_(?:NO_|BAD_|UNSUPPORTED_)?(?:CERTIFICATE|UNKNOWN_CA)/;

function codeOf({ codes }: Clues, pattern: RegExp): string {
  return codes.find((code) => pattern.test(code)) ?? '';
}

/** What can be wrong between TLS and a broker; the first that fits counts. */
export const TLS_KINDS: readonly Kind[] = [
  {
    isForPeople: true,
    fits: ({ codes }) => hasAny(codes, EXPIRED),
    say: (where) => `the certificate of ${where} has expired`,
    remedy: 'renew it there, or the one of its authority in ssl.ca; if it is new, set the clock of this host',
  },
  {
    isForPeople: true,
    fits: ({ codes }) => hasAny(codes, EARLY),
    say: (where) => `the certificate of ${where} is not valid yet`,
    remedy: 'set the clock of this host (NTP), or wait until it is',
  },
  {
    isForPeople: true,
    fits: ({ codes }) => hasAny(codes, OTHER_NAME),
    say: (where) => `the certificate of ${where} is for another name`,
    remedy:
      'name the brokers as their certificates do, in the sink and in advertised.listeners, or have this name put into subjectAltName',
  },
  {
    isForPeople: true,
    fits: ({ codes }) => hasAny(codes, UNTRUSTED),
    say: (where, clues) => `the certificate of ${where} is not trusted (${codeOf(clues, UNTRUSTED)})`,
    remedy: 'set ssl.ca of the sink to the PEM of the authority that signed it',
  },
  {
    isForPeople: true,
    fits: ({ codes }) => hasAny(codes, CLIENT),
    say: (where, _clues, { hasCertificate }) =>
      hasCertificate
        ? `${where} does not take the certificate under ssl of the sink`
        : `${where} wants a certificate from its clients`,
    remedy:
      'set ssl.cert and ssl.key of the sink to one that has not expired, of an authority that the brokers trust',
  },
  {
    isForPeople: true,
    fits: ({ codes }) => hasAny(codes, /^(?:EPROTO|ERR_SSL_)/),
    say: (where) => `${where} does not answer in TLS`,
    remedy: 'use the port of its TLS listener, or leave out ssl',
  },
];
