// Made by "npm run api" from what the compiler emits. Do not edit; a test compares it.

export interface AllowList {
    readonly entries: readonly AllowListEntry[];
    readonly keys: ReadonlySet<string>;
    readonly anchors: ReadonlySet<string>;
    readonly similar: ReadonlyMap<string, AllowListEntry>;
}

export interface AllowListEntry {
    readonly anchor: string;
    readonly match: 'rdn-sequence' | 'member-name';
    readonly name: string;
}

export interface Anchor {
    readonly kind: 'ca' | 'pinned';
    readonly id: string;
    readonly certificate: Certificate;
}

export interface AuthorizedRequest {
    readonly method: string;
    readonly host: string;
    readonly target: string;
}

export interface Authorizer {
    authorize(peer: Peer, request?: AuthorizedRequest): Verdict | Promise<Verdict>;
}

export interface ConnectionFacts {
    readonly sessionResumed: boolean;
    readonly chainComplete: boolean;
}

export interface Evidence {
    readonly intermediates: readonly Certificate[];
}

export interface MemberName {
    readonly canonical: string;
}

export interface Need {
    readonly kind: 'issuer-certificate';
    readonly subject: string;
}

export type Peer = ConnectionFacts & ({
    readonly kind: 'anonymous';
} | {
    readonly kind: 'malformed';
    readonly error: X509Error;
} | {
    readonly kind: 'certified';
    readonly leaf: Certificate;
    readonly intermediates: readonly Certificate[];
});

export interface Policy {
    readonly tlsType: 'ONE_WAY' | 'MUTUAL';
    readonly purpose: 'clientAuth' | 'serverAuth';
    readonly anchors: readonly Anchor[];
    readonly allowList: AllowList | 'any-name';
    readonly serverName?: string;
}

export interface Refusal {
    readonly code: string;
    readonly name: RefusalName;
    readonly what: string;
    readonly why: string;
    readonly fix: string;
    readonly evidence: Readonly<Record<string, string>>;
}

export type RefusalAudience = 'anyone' | 'vouched' | 'operator';

export interface RefusalKind {
    readonly code: `HF-T${string}`;
    readonly seenBy: RefusalAudience;
    readonly title: string;
    readonly why: string;
    readonly fix: string;
}

export type RefusalName = 'not-accepted' | 'no-certificate' | 'certificate-malformed' | 'session-resumed' | 'judgement-failed' | 'chain-hidden' | 'issuer-key-mismatch' | 'self-signed-untrusted' | 'issuer-unknown' | 'path-too-long' | 'path-search-exhausted' | 'signature-algorithm-weak' | 'signature-algorithm-unsupported' | 'key-weak' | 'issuer-not-a-ca' | 'issuer-may-not-sign' | 'path-length-exceeded' | 'issuer-purpose-not-allowed' | 'constraint-unsupported' | 'name-constraint-violated' | 'constraint-malformed' | 'policy-missing' | 'name-comparisons-exhausted' | 'form-not-allowed' | 'critical-extension-unknown' | 'version-unsupported' | 'issuer-expired' | 'issuer-not-yet-valid' | 'certificate-expired' | 'certificate-not-yet-valid' | 'purpose-not-allowed' | 'key-usage-not-allowed' | 'server-name-mismatch' | 'name-not-allowed';

export declare class TrustError extends HandfastError<TrustErrorReason> {
    readonly name = "TrustError";
    constructor(reason: TrustErrorReason, message: string, options?: HandfastErrorOptions);
}

export type TrustErrorReason = keyof typeof trustErrorCodes;

export interface Verdict {
    readonly outcome: 'accept' | 'refuse' | 'undecided';
    readonly faults: readonly Refusal[];
    readonly warnings: readonly PathWarning[];
    readonly anchor?: Anchor;
    readonly path?: readonly Certificate[];
    readonly validUntil?: Date;
    readonly needs: readonly Need[];
}

export declare function caAnchor(certificate: Certificate): Anchor;

export declare function createAllowList(entries: readonly AllowListEntry[]): AllowList;

export declare function createPolicy(policy: Policy): Policy;

export declare function describePeer(peer: Peer): string;

export declare function judgementFailed(cause: HandfastError | Error): Refusal;

export declare function memberNameOf(name: Name): MemberName | undefined;

export declare const noEvidence: Evidence;

export declare const oneWayPolicy: Policy;

export declare function parseMemberName(text: string): MemberName;

export declare function parsePeer(presented: readonly Uint8Array[], facts?: ConnectionFacts): Peer;

export declare function pinnedAnchor(certificate: Certificate): Anchor;

export declare function policyAuthorizer(current: () => Policy, clock: Pick<Clock, 'now'>): Authorizer;

export declare function publicRefusal({ faults, anchor }: Verdict): {
    readonly code: string;
    readonly title: string;
};

export declare function refusal(name: RefusalName, { found, evidence }?: RefusalFinding): Refusal;

export declare const refusalCatalogue: Readonly<Record<RefusalName, RefusalKind>>;

export declare function refuse(faults: readonly Refusal[], rest?: Partial<Verdict>): Verdict;

export declare const trustErrorCodes: {
    readonly 'anchor-not-a-ca': 'HF-T001';
    readonly 'anchors-missing': 'HF-T002';
    readonly 'member-name-invalid': 'HF-T003';
    readonly 'allow-list-malformed': 'HF-T004';
};

export declare function verdict(policy: Policy, peer: Peer, evidence: Evidence, at: Date): Verdict;

// Needed by the above, exported by other doors or none:

interface AttributeValue {
    readonly type: string;
    readonly value: string;
    readonly tag: number;
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

interface Criticality {
    readonly critical: boolean;
}

type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

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

interface PathWarning {
    readonly reason: ProfileRule;
    readonly certificate: Certificate;
}

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

interface RefusalFinding {
    readonly found?: string;
    readonly evidence?: Readonly<Record<string, string>>;
}

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

declare class X509Error extends HandfastError<X509ErrorReason> {
    readonly name = "X509Error";
    constructor(reason: X509ErrorReason, message: string, options?: HandfastErrorOptions);
}

type X509ErrorReason = keyof typeof x509ErrorCodes;

declare const keyUsages: readonly ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'];

declare const profileRules: readonly ['purpose-absent', 'purpose-any', 'purpose-critical', 'leaf-is-a-ca', 'alternative-names-absent', 'alternative-names-critical', 'common-name-not-alternative', 'leaf-key-identifier-absent', 'issuer-key-identifier-absent', 'root-key-identifier-absent', 'root-key-identifier-form', 'root-purpose', 'root-serial-number-zero', 'key-usage-absent', 'basic-constraints-not-critical', 'name-constraints-not-critical', 'modulus-not-whole-octets'];

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
