// Made by "npm run api" from what the compiler emits. Do not edit; a test compares it.

export interface AcceptedConnection {
    readonly socket: TLSSocket;
    readonly peer: Peer;
    readonly verdict: Verdict;
}

export interface Address {
    readonly host: string;
    readonly port: number;
}

export interface DialOptions {
    readonly host: string;
    readonly port: number;
    readonly serverName: string;
    readonly anchors: readonly Anchor[];
    readonly identity?: IdentitySource;
    readonly timeoutMs?: number;
    readonly clock?: Pick<Clock, 'now'>;
}

export declare class Guard {
    #private;
    constructor(options: GuardOptions);
    listen(address: Address): Promise<Address>;
    rejudge(): Promise<RejudgeReport>;
    close({ graceMs }?: {
        readonly graceMs?: number;
    }): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

export type GuardEvent = (ConnectionFacts & {
    readonly type: 'connection-accepted';
}) | (ConnectionFacts & {
    readonly type: 'connection-refused';
    readonly id: string;
    readonly publicCode: string;
    readonly refusals: readonly Refusal[];
}) | (ConnectionFacts & {
    readonly type: 'connection-cut';
    readonly refusals: readonly Refusal[];
}) | {
    readonly type: 'handshake-failed';
    readonly remoteAddress: string;
    readonly failure: HandshakeFailure;
    readonly code: string;
    readonly message: string;
};

export interface GuardOptions {
    readonly identity: IdentitySource;
    readonly authorizer: Authorizer;
    readonly tlsType: 'ONE_WAY' | 'MUTUAL';
    readonly onConnection: (connection: AcceptedConnection) => void;
    readonly clock?: Clock;
    readonly events?: Events<GuardEvent>;
    readonly refusal?: 'explain' | 'drop';
    readonly handshakeTimeoutMs?: number;
    readonly authorizeTimeoutMs?: number;
    readonly maxConnections?: number;
}

export interface HandshakeFailure {
    readonly code: `HF-L2${string}`;
    readonly name: HandshakeFailureName;
    readonly what: string;
    readonly fix: string;
}

export type HandshakeFailureName = 'handshake-failed' | 'plain-text-to-tls' | 'protocol-version-unsupported' | 'no-shared-cipher' | 'handshake-timeout' | 'peer-left' | 'no-shared-protocol' | 'peer-refused-our-certificate' | 'no-shared-group';

export interface Presented {
    readonly peer: Peer;
    readonly protocol: string;
    readonly alpn: string | null;
    readonly completed: boolean;
}

export interface ProbeOptions {
    readonly host: string;
    readonly port: number;
    readonly serverName?: string;
    readonly timeoutMs?: number;
}

export interface RejudgeReport {
    readonly cut: number;
    readonly kept: number;
}

export declare class TlsError extends HandfastError<TlsErrorReason> {
    readonly name = "TlsError";
    readonly refusals: readonly Refusal[];
    constructor(reason: TlsErrorReason, message: string, options?: TlsErrorOptions);
}

export interface TlsErrorOptions extends HandfastErrorOptions {
    readonly refusals?: readonly Refusal[];
}

export type TlsErrorReason = keyof typeof tlsErrorCodes;

export declare function acceptedConnection(socket: object): AcceptedConnection | undefined;

export declare function dialTls(options: DialOptions): Promise<TLSSocket>;

export declare function fetchPresented(options: ProbeOptions): Promise<Presented>;

export declare const guardDefaults: {
    readonly handshakeTimeoutMs: 10000;
    readonly authorizeTimeoutMs: 5000;
    readonly maxConnections: 10000;
};

export declare const handshakeFailures: Readonly<Record<HandshakeFailureName, Omit<HandshakeFailure, 'name'>>>;

export declare const tlsErrorCodes: {
    readonly 'listen-failed': 'HF-L101';
    readonly 'dial-failed': 'HF-L102';
    readonly 'dial-timeout': 'HF-L103';
    readonly 'server-refused': 'HF-L104';
};

// Needed by the above, exported by other doors or none:

interface Anchor {
    readonly kind: 'ca' | 'pinned';
    readonly id: string;
    readonly certificate: Certificate;
}

interface AttributeValue {
    readonly type: string;
    readonly value: string;
    readonly tag: number;
}

interface AuthorizedRequest {
    readonly method: string;
    readonly host: string;
    readonly target: string;
}

interface Authorizer {
    authorize(peer: Peer, request?: AuthorizedRequest): Verdict | Promise<Verdict>;
}

interface BasicConstraints extends Criticality {
    readonly ca: boolean;
    readonly pathLength?: number;
}

type Cancel = () => void;

interface Certificate {
    readonly der: Uint8Array;
    readonly tbs: Uint8Array;
    readonly version: 1 | 2 | 3;
    readonly serialNumber: string;
    readonly issuer: Name;
    readonly subject: Name;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly publicKeyInfo: Uint8Array;
    readonly keyInfo: KeyInfo;
    readonly extensions: CertificateExtensions;
    readonly signatureAlgorithm: SignatureAlgorithm;
    readonly signature: Uint8Array;
}

interface CertificateExtensions extends PolicyExtensions {
    readonly basicConstraints?: BasicConstraints;
    readonly keyUsage?: Criticality & {
        readonly usages: readonly KeyUsage[];
    };
    readonly extendedKeyUsage?: Criticality & {
        readonly purposes: readonly string[];
    };
    readonly subjectAltNames?: Criticality & {
        readonly names: readonly GeneralName[];
    };
    readonly subjectKeyIdentifier?: Criticality & {
        readonly keyIdentifier: Uint8Array;
    };
    readonly authorityKeyIdentifier?: Criticality & {
        readonly keyIdentifier?: Uint8Array;
        readonly namesIssuer: boolean;
    };
    readonly nameConstraints?: NameConstraints;
    readonly unread: readonly UnreadExtension[];
}

interface Clock {
    now(): Date;
    schedule(at: Date, fn: () => void): Cancel;
}

interface ConnectionFacts {
    readonly remoteAddress: string;
    readonly peer: string;
}

interface ConnectionFacts {
    readonly sessionResumed: boolean;
    readonly chainComplete: boolean;
}

interface Criticality {
    readonly critical: boolean;
}

type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

interface Events<Event> {
    emit(event: Event): void;
}

type GeneralName = {
    readonly type: 'dns' | 'ip' | 'uri' | 'email';
    readonly value: string;
} | {
    readonly type: 'directory-name';
    readonly value: Name;
} | {
    readonly type: 'other';
    readonly tag: number;
    readonly der: Uint8Array;
};

declare class HandfastError<Reason extends string = string> extends Error {
    readonly name: string;
    readonly code: string;
    readonly reason: Reason;
    readonly details: ErrorDetails;
    readonly hint: string | undefined;
    constructor(identity: {
        readonly code: string;
        readonly reason: Reason;
    }, message: string, options?: HandfastErrorOptions);
}

interface HandfastErrorOptions {
    readonly details?: ErrorDetails;
    readonly hint?: string;
    readonly cause?: unknown;
}

interface Identity {
    readonly name: string;
    readonly key: KeyObject;
    readonly chain: readonly Certificate[];
}

interface IdentitySource {
    current(): Identity;
    watch(fn: (identity: Identity) => void): Cancel;
}

interface KeyInfo {
    readonly type: 'ec' | 'rsa' | 'ed25519' | MlDsaName | 'unsupported';
    readonly name: string;
    readonly bits: number;
}

type KeyUsage = (typeof keyUsages)[number];

type MlDsaName = 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87';

interface Name {
    readonly rdns: readonly Rdn[];
    readonly der: Uint8Array;
}

type NameConstraint = Extract<GeneralName, {
    readonly type: 'directory-name' | 'other';
}> | {
    readonly type: 'dns' | 'uri' | 'email';
    readonly value: string;
} | {
    readonly type: 'ip';
    readonly address: Uint8Array;
    readonly mask: Uint8Array;
};

interface NameConstraints {
    readonly critical: boolean;
    readonly permitted: readonly NameConstraint[];
    readonly excluded: readonly NameConstraint[];
}

interface Need {
    readonly kind: 'issuer-certificate';
    readonly subject: string;
}

interface PathWarning {
    readonly reason: ProfileRule;
    readonly certificate: Certificate;
}

type Peer = ConnectionFacts & ({
    readonly kind: 'anonymous';
} | {
    readonly kind: 'malformed';
    readonly error: X509Error;
} | {
    readonly kind: 'certified';
    readonly leaf: Certificate;
    readonly intermediates: readonly Certificate[];
});

interface PolicyExtensions {
    readonly certificatePolicies?: {
        readonly critical: boolean;
        readonly policies: readonly string[];
    };
    readonly policyMappings?: {
        readonly critical: boolean;
        readonly mappings: readonly PolicyMapping[];
    };
    readonly policyConstraints?: {
        readonly critical: boolean;
        readonly requireExplicitPolicy?: number;
        readonly inhibitPolicyMapping?: number;
    };
    readonly inhibitAnyPolicy?: {
        readonly critical: boolean;
        readonly skipCertificates: number;
    };
}

interface PolicyMapping {
    readonly issuerDomainPolicy: string;
    readonly subjectDomainPolicy: string;
}

type ProfileRule = (typeof profileRules)[number];

type Rdn = readonly AttributeValue[];

interface Refusal {
    readonly code: string;
    readonly name: RefusalName;
    readonly what: string;
    readonly why: string;
    readonly fix: string;
    readonly evidence: Readonly<Record<string, string>>;
}

type RefusalName = 'not-accepted' | 'no-certificate' | 'certificate-malformed' | 'session-resumed' | 'judgement-failed' | 'chain-hidden' | 'issuer-key-mismatch' | 'self-signed-untrusted' | 'issuer-unknown' | 'path-too-long' | 'path-search-exhausted' | 'signature-algorithm-weak' | 'signature-algorithm-unsupported' | 'key-weak' | 'issuer-not-a-ca' | 'issuer-may-not-sign' | 'path-length-exceeded' | 'issuer-purpose-not-allowed' | 'constraint-unsupported' | 'name-constraint-violated' | 'constraint-malformed' | 'policy-missing' | 'name-comparisons-exhausted' | 'form-not-allowed' | 'critical-extension-unknown' | 'version-unsupported' | 'issuer-expired' | 'issuer-not-yet-valid' | 'certificate-expired' | 'certificate-not-yet-valid' | 'purpose-not-allowed' | 'key-usage-not-allowed' | 'server-name-mismatch' | 'name-not-allowed';

interface SignatureAlgorithm {
    readonly oid: string;
    readonly name: string;
    readonly keyType?: 'ec' | 'rsa' | 'ed25519' | MlDsaName;
    readonly digest?: string | null;
}

interface UnreadExtension extends Criticality {
    readonly oid: string;
    readonly value: Uint8Array;
}

interface Verdict {
    readonly outcome: 'accept' | 'refuse' | 'undecided';
    readonly faults: readonly Refusal[];
    readonly warnings: readonly PathWarning[];
    readonly anchor?: Anchor;
    readonly path?: readonly Certificate[];
    readonly validUntil?: Date;
    readonly needs: readonly Need[];
}

declare class X509Error extends HandfastError<X509ErrorReason> {
    readonly name = "X509Error";
    constructor(reason: X509ErrorReason, message: string, options?: HandfastErrorOptions);
}

type X509ErrorReason = keyof typeof x509ErrorCodes;

declare const keyUsages: readonly ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'];

declare const profileRules: readonly ['purpose-absent', 'purpose-any', 'purpose-critical', 'leaf-is-a-ca', 'alternative-names-absent', 'alternative-names-critical', 'common-name-not-alternative', 'leaf-key-identifier-absent', 'issuer-key-identifier-absent', 'root-key-identifier-absent', 'root-key-identifier-form', 'root-purpose', 'root-serial-number-zero', 'key-usage-absent', 'basic-constraints-not-critical', 'name-constraints-not-critical', 'modulus-not-whole-octets'];

declare function refuse(faults: readonly Refusal[], rest?: Partial<Verdict>): Verdict;

declare const x509ErrorCodes: {
    readonly 'der-malformed': 'HF-X101';
    readonly 'pem-malformed': 'HF-X102';
    readonly 'name-malformed': 'HF-X103';
    readonly 'certificate-malformed': 'HF-X104';
    readonly 'csr-malformed': 'HF-X105';
    readonly 'csr-signature-invalid': 'HF-X106';
    readonly 'general-name-malformed': 'HF-X107';
    readonly 'key-malformed': 'HF-X110';
    readonly 'key-passphrase-missing': 'HF-X111';
    readonly 'key-passphrase-wrong': 'HF-X112';
    readonly 'key-unsupported': 'HF-X113';
    readonly 'keystore-malformed': 'HF-X120';
    readonly 'keystore-passphrase-missing': 'HF-X121';
    readonly 'keystore-passphrase-wrong': 'HF-X122';
    readonly 'keystore-key-passphrase-wrong': 'HF-X123';
    readonly 'keystore-mac-missing': 'HF-X124';
    readonly 'keystore-too-costly': 'HF-X125';
    readonly 'keystore-cipher-unavailable': 'HF-X126';
    readonly 'keystore-unsupported': 'HF-X127';
    readonly 'keystore-entry-invalid': 'HF-X128';
    readonly 'crl-malformed': 'HF-X130';
    readonly 'ocsp-malformed': 'HF-X131';
};
