// Made by "npm run api" from what the compiler emits. Do not edit; a test compares it.

export interface AttributeValue {
    readonly type: string;
    readonly value: string;
    readonly tag: number;
}

export interface AuthorityInfoAccess {
    readonly ocsp: readonly string[];
    readonly caIssuers: readonly string[];
}

export interface BasicOcspResponse {
    readonly tbs: Uint8Array;
    readonly responderId: ResponderId;
    readonly producedAt: Date;
    readonly responses: readonly SingleOcspResponse[];
    readonly nonce?: Uint8Array;
    readonly certificates: readonly Certificate[];
    readonly unknownCritical: readonly string[];
    readonly signatureAlgorithm: SignatureAlgorithm;
    readonly signature: Uint8Array;
}

export type CertIdDigest = keyof typeof digests;

export interface CertIdSubject {
    readonly certificate: Pick<Certificate, 'issuer' | 'serialNumber'>;
    readonly issuer: Pick<Certificate, 'publicKeyInfo'>;
}

export interface Certificate {
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

export interface CertificateExtensions extends PolicyExtensions {
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

export interface CertificateTemplate {
    readonly serialNumber: Uint8Array;
    readonly issuer: Name;
    readonly subject: Name;
    readonly notBefore: Date;
    readonly notAfter: Date;
    readonly publicKey: KeyObject;
    readonly extensions: ExtensionsTemplate;
}

export interface CreateJksOptions {
    readonly passphrase: string;
    readonly at: Date;
}

export interface CreateKeyStoreOptions {
    readonly passphrase: string;
    readonly iterations?: number;
}

export interface Crl {
    readonly der: Uint8Array;
    readonly tbs: Uint8Array;
    readonly version: 1 | 2;
    readonly issuer: Name;
    readonly thisUpdate: Date;
    readonly nextUpdate?: Date;
    readonly crlNumber?: bigint;
    readonly deltaBaseNumber?: bigint;
    readonly issuingDistributionPoint?: IssuingDistributionPoint;
    readonly authorityKeyIdentifier?: Uint8Array;
    readonly freshestCrl: readonly DistributionPoint[];
    readonly unknownCritical: readonly string[];
    readonly entries: CrlEntries;
    readonly signatureAlgorithm: SignatureAlgorithm;
    readonly signature: Uint8Array;
}

export interface CrlDoubt {
    readonly reason: CrlDoubtReason;
    readonly crl?: number;
    readonly found: string;
}

export type CrlDoubtReason = 'crl-missing' | 'crl-out-of-scope' | 'crl-reasons-incomplete' | 'crl-delta-without-base' | 'crl-critical-extension-unknown' | 'crl-issuer-certificate-missing' | 'crl-issuer-may-not-sign' | 'crl-issuer-key-weak' | 'crl-signature-algorithm-unsupported' | 'crl-signature-invalid' | 'crl-version-unsupported' | 'crl-number-missing' | 'crl-next-update-missing' | 'crl-not-yet-valid' | 'crl-expired' | 'distribution-points-malformed';

export interface CrlEntries {
    readonly size: number;
    readonly unknownCritical: readonly string[];
    find(serialNumber: string, certificateIssuer: Name): CrlEntry | undefined;
    [Symbol.iterator](): Iterator<CrlEntry & {
        readonly certificateIssuer: Name;
    }>;
}

export interface CrlEntry {
    readonly serialNumber: string;
    readonly revokedAt: Date;
    readonly reason: RevocationReason;
    readonly invalidityDate?: Date;
}

export interface CrlEntryTemplate {
    readonly serialNumber: string | Uint8Array;
    readonly revokedAt: Date;
    readonly reason?: RevocationReason;
    readonly invalidityDate?: Date;
    readonly certificateIssuer?: Name;
}

export interface CrlQuestion {
    readonly certificate: Certificate;
    readonly issuer: Certificate;
    readonly crls: readonly Crl[];
    readonly crlIssuers?: readonly Certificate[];
    readonly at: Date;
    readonly skewMs?: number;
}

export type CrlStatus = NotRevoked | Revoked | {
    readonly status: 'undetermined';
    readonly why: readonly CrlDoubt[];
};

export interface CrlTemplate {
    readonly issuer: Name;
    readonly thisUpdate: Date;
    readonly nextUpdate: Date;
    readonly crlNumber: bigint;
    readonly authorityKeyIdentifier: Uint8Array;
    readonly entries: Iterable<CrlEntryTemplate>;
    readonly deltaBaseNumber?: bigint;
    readonly issuingDistributionPoint?: Partial<IssuingDistributionPoint>;
    readonly freshestCrl?: readonly (string | DistributionPoint)[];
}

export interface Csr {
    readonly der: Uint8Array;
    readonly subject: Name;
    readonly publicKeyInfo: Uint8Array;
    readonly publicKey: KeyObject;
    readonly keyInfo: KeyInfo;
    readonly requestedExtensions: CertificateExtensions;
    readonly signatureAlgorithm: SignatureAlgorithm;
}

export interface CsrTemplate {
    readonly subject: Name;
    readonly extensions?: ExtensionsTemplate;
}

export interface DistributionPoint {
    readonly name?: DistributionPointName;
    readonly reasons?: readonly ScopedReason[];
    readonly crlIssuer?: readonly GeneralName[];
}

export type DistributionPointName = {
    readonly type: 'full';
    readonly names: readonly GeneralName[];
} | {
    readonly type: 'relative';
    readonly rdn: Rdn;
    readonly der: Uint8Array;
};

export interface ExtensionsTemplate {
    readonly basicConstraints?: {
        readonly ca: boolean;
        readonly pathLength?: number;
    };
    readonly keyUsage?: readonly KeyUsage[];
    readonly extendedKeyUsage?: readonly Purpose[];
    readonly subjectAltNames?: readonly GeneralName[];
    readonly authorityKeyIdentifier?: Uint8Array;
}

export interface FormatNameOptions {
    readonly asciiOnly?: boolean;
}

export type GeneralName = {
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

export interface IssuingDistributionPoint {
    readonly name?: DistributionPointName;
    readonly onlyContainsUserCerts: boolean;
    readonly onlyContainsCaCerts: boolean;
    readonly onlyContainsAttributeCerts: boolean;
    readonly onlySomeReasons?: readonly ScopedReason[];
    readonly indirectCrl: boolean;
}

export type KeyAlgorithm = (typeof keyAlgorithms)[number];

export interface KeyInfo {
    readonly type: 'ec' | 'rsa' | 'ed25519' | MlDsaName | 'unsupported';
    readonly name: string;
    readonly bits: number;
}

export interface KeyStoreContents {
    readonly keys: readonly StoredKey[];
    readonly certificates: readonly StoredCertificate[];
    readonly unread: readonly string[];
}

export type KeyStoreFormat = 'pkcs12' | 'jks' | 'jceks';

export type KeyUsage = (typeof keyUsages)[number];

export type MlDsaName = 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87';

export interface Name {
    readonly rdns: readonly Rdn[];
    readonly der: Uint8Array;
}

export interface NameDifference {
    readonly kind: NameDifferenceKind;
    readonly attribute?: string;
    readonly text: string;
}

export type NameDifferenceKind = TextDifference | 'attribute-extra' | 'attribute-missing' | 'multi-valued-rdn' | 'order' | 'reversed-order' | 'string-type' | 'value';

export interface NotRevoked {
    readonly status: 'good';
    readonly validUntil: Date;
}

export interface OcspCertId {
    readonly digest: CertIdDigest | (string & {});
    readonly issuerNameHash: Uint8Array;
    readonly issuerKeyHash: Uint8Array;
    readonly serialNumber: string;
    readonly der: Uint8Array;
}

export type OcspCertStatus = {
    readonly status: 'good' | 'unknown';
} | {
    readonly status: 'revoked';
    readonly revokedAt: Date;
    readonly reason: RevocationReason;
};

export interface OcspDoubt {
    readonly reason: OcspDoubtReason;
    readonly found: string;
}

export type OcspDoubtReason = ResponderFaultReason | 'ocsp-no-answer' | 'ocsp-other-certificate' | 'ocsp-answers-differ' | 'ocsp-critical-extension-unknown' | 'ocsp-nonce-missing' | 'ocsp-nonce-mismatch' | 'ocsp-not-yet-valid' | 'ocsp-expired' | 'ocsp-next-update-missing';

export type OcspErrorStatus = keyof typeof ocspErrorCodes;

export interface OcspQuestion {
    readonly certificate: Certificate;
    readonly issuer: Certificate;
    readonly at: Date;
    readonly nonce?: Uint8Array;
    readonly allowMissingNonce?: boolean;
    readonly skewMs?: number;
}

export interface OcspRequest {
    readonly der: Uint8Array;
    readonly certIds: readonly OcspCertId[];
    readonly nonce?: Uint8Array;
    readonly isSigned: boolean;
    readonly unknownCritical: readonly string[];
}

export interface OcspRequestTemplate {
    readonly subjects: readonly [CertIdSubject, ...CertIdSubject[]];
    readonly digest?: CertIdDigest;
    readonly nonce?: Uint8Array;
}

export interface OcspResponder {
    readonly certificate: Certificate;
    readonly isDelegate: boolean;
    readonly noCheck: boolean;
}

export type OcspResponse = {
    readonly status: 'successful';
    readonly der: Uint8Array;
    readonly basic: BasicOcspResponse;
} | {
    readonly status: OcspErrorStatus;
    readonly der: Uint8Array;
};

export interface OcspResponseTemplate {
    readonly responder: Pick<Certificate, 'subject'>;
    readonly identifyBy?: 'name' | 'key';
    readonly producedAt: Date;
    readonly responses: readonly [SingleOcspTemplate, ...SingleOcspTemplate[]];
    readonly nonce?: Uint8Array;
    readonly certificates?: readonly Certificate[];
}

export type OcspStatus = (NotRevoked & {
    readonly responder: OcspResponder;
}) | (Revoked & {
    readonly responder: OcspResponder;
}) | {
    readonly status: 'unknown';
    readonly responder: OcspResponder;
} | {
    readonly status: 'undetermined';
    readonly why: readonly OcspDoubt[];
};

export interface ParseCrlOptions {
    readonly yieldNow?: () => Promise<void>;
}

export interface ParseKeyStoreOptions {
    readonly passphrase?: string;
    readonly keyPassphrase?: string;
}

export interface ParsePrivateKeyOptions {
    readonly passphrase?: string;
}

export interface PathAttempt {
    readonly path: readonly Certificate[];
    readonly root?: Certificate;
    readonly faults: readonly PathFault[];
    readonly warnings: readonly PathWarning[];
    readonly validUntil: Date;
}

export interface PathFault {
    readonly reason: PathFaultReason;
    readonly certificate: Certificate;
    readonly found: string;
}

export type PathFaultReason = 'issuer-unknown' | 'issuer-key-mismatch' | 'self-signed-untrusted' | 'signature-algorithm-weak' | 'signature-algorithm-unsupported' | 'certificate-expired' | 'certificate-not-yet-valid' | 'issuer-expired' | 'issuer-not-yet-valid' | 'issuer-not-a-ca' | 'issuer-may-not-sign' | 'path-length-exceeded' | 'purpose-not-allowed' | 'issuer-purpose-not-allowed' | 'key-usage-not-allowed' | 'critical-extension-unknown' | 'name-constraint-violated' | 'name-comparisons-exhausted' | 'policy-missing' | 'constraint-malformed' | 'constraint-unsupported' | 'form-not-allowed' | 'key-weak' | 'version-unsupported' | 'path-too-long' | 'path-search-exhausted';

export interface PathSearch extends Use {
    readonly leaf: Certificate;
    readonly intermediates: readonly Certificate[];
    readonly roots: readonly Certificate[];
    readonly maxIntermediates?: number;
}

export interface PathWarning {
    readonly reason: ProfileRule;
    readonly certificate: Certificate;
}

export interface PemBlock {
    readonly label: string;
    readonly der: Uint8Array;
    readonly headers: Readonly<Record<string, string>>;
    readonly line: number;
    readonly text: string;
}

export interface Pkcs12Identity extends CreateKeyStoreOptions {
    readonly key: KeyObject;
    readonly chain: readonly Certificate[];
    readonly alias: string;
}

export type ProfileAnswer = 'ignore' | 'warn' | 'refuse';

export type ProfileRule = (typeof profileRules)[number];

export type Purpose = Exclude<keyof typeof purposeOids, 'anyExtendedKeyUsage'>;

export type Rdn = readonly AttributeValue[];

export type ResponderId = {
    readonly type: 'name';
    readonly name: Name;
} | {
    readonly type: 'key';
    readonly keyHash: Uint8Array;
};

export type RevocationReason = keyof typeof codes;

export interface Revoked {
    readonly status: 'revoked';
    readonly revokedAt: Date;
    readonly reason: RevocationReason;
    readonly invalidityDate?: Date;
}

export type ScopedReason = (typeof flags)[number];

export interface SignatureAlgorithm {
    readonly oid: string;
    readonly name: string;
    readonly keyType?: 'ec' | 'rsa' | 'ed25519' | MlDsaName;
    readonly digest?: string | null;
}

export interface Signed {
    readonly tbs: Uint8Array;
    readonly signature: Uint8Array;
    readonly signatureAlgorithm: SignatureAlgorithm;
}

export interface Signer {
    readonly algorithm: SignatureAlgorithm;
    readonly publicKey: KeyObject;
    sign(bytes: Uint8Array, options?: {
        readonly signal?: AbortSignal;
    }): Promise<Uint8Array>;
}

export interface SingleOcspResponse {
    readonly certId: OcspCertId;
    readonly certStatus: OcspCertStatus;
    readonly thisUpdate: Date;
    readonly nextUpdate?: Date;
    readonly unknownCritical: readonly string[];
}

export interface SingleOcspTemplate {
    readonly certId: OcspCertId;
    readonly certStatus: OcspCertStatus;
    readonly thisUpdate: Date;
    readonly nextUpdate?: Date;
}

export interface StoredCertificate {
    readonly certificate: Certificate;
    readonly alias: string | undefined;
    readonly trusted: boolean;
}

export interface StoredKey {
    readonly key: KeyObject;
    readonly alias: string | undefined;
    readonly localKeyId: string | undefined;
    readonly chain: readonly Certificate[];
}

export interface TrustStoreEntry {
    readonly certificate: Certificate;
    readonly alias?: string;
}

export interface Use {
    readonly purpose: 'clientAuth' | 'serverAuth';
    readonly at: Date;
    readonly profile?: VerificationProfile;
    readonly keyUsages?: readonly KeyUsage[];
}

export interface VerificationProfile {
    readonly name: string;
    readonly rules: Readonly<Record<ProfileRule, ProfileAnswer>>;
}

export declare class X509Error extends HandfastError<X509ErrorReason> {
    readonly name = "X509Error";
    constructor(reason: X509ErrorReason, message: string, options?: HandfastErrorOptions);
}

export type X509ErrorReason = keyof typeof x509ErrorCodes;

export declare function attributeTypeName(oid: string): string;

export declare function authorityInfoAccess({ extensions }: Certificate): AuthorityInfoAccess;

export declare function certificatePublicKey(certificate: Certificate): KeyObject;

export declare const commonNameOid = "2.5.4.3";

export declare function createCertificate(template: CertificateTemplate, signer: Signer): Promise<Certificate>;

export declare function createCrl(template: CrlTemplate, signer: Signer, { yieldNow }?: ParseCrlOptions): Promise<Crl>;

export declare function createCsr({ subject, extensions }: CsrTemplate, signer: Signer): Promise<Csr>;

export declare function createJksTrustStore(entries: readonly TrustStoreEntry[], { passphrase, at }: CreateJksOptions): Uint8Array;

export declare function createOcspError(status: OcspErrorStatus): OcspResponse;

export declare function createOcspRequest({ subjects, digest, nonce }: OcspRequestTemplate): OcspRequest;

export declare function createOcspResponse(template: OcspResponseTemplate, signer: Signer): Promise<OcspResponse>;

export declare function createPkcs12(identity: Pkcs12Identity): Promise<Uint8Array>;

export declare function createPkcs12TrustStore(entries: readonly TrustStoreEntry[], options: CreateKeyStoreOptions): Promise<Uint8Array>;

export declare function crlDistributionPoints(certificate: Certificate): readonly DistributionPoint[];

export declare function crlStatus(question: CrlQuestion): CrlStatus;

export declare function describeKeyInfo({ type, name, bits }: KeyInfo): string;

export declare function distributionPointUrls(points: readonly DistributionPoint[]): readonly string[];

export declare function encodeAuthorityInfoAccess({ ocsp, caIssuers, }: Partial<AuthorityInfoAccess>): UnreadExtension;

export declare function encodeCertificatePem(certificate: Certificate): string;

export declare function encodeCrlDistributionPoints(points: readonly (string | readonly string[] | DistributionPoint)[]): UnreadExtension;

export declare function encodeCrlPem(crl: Crl): string;

export declare function encodeCsrPem(csr: Csr): string;

export declare function encodeFreshestCrl(points: readonly (string | readonly string[] | DistributionPoint)[]): UnreadExtension;

export declare function encodeName(rdns: readonly Rdn[]): Name;

export declare function encodePem(label: string, der: Uint8Array): string;

export declare function encodePrivateKeyPem(key: KeyObject): string;

export declare function encryptPrivateKeyPem(key: KeyObject, passphrase: string): Promise<string>;

export declare function explainNameDifference(a: Name, b: Name): readonly NameDifference[];

export declare function extensionName(oid: string): string;

export declare function findPaths(search: PathSearch): Generator<PathAttempt, void>;

export declare function fingerprint(certificate: Certificate): string;

export declare function formatGeneralName(name: GeneralName): string;

export declare function formatName(name: Name, options?: FormatNameOptions): string;

export declare function freshestCrl(certificate: Certificate): readonly DistributionPoint[];

export declare function generatePrivateKey(algorithm: KeyAlgorithm): Promise<KeyObject>;

export declare function isCertIdOf(id: OcspCertId, subject: CertIdSubject): boolean;

export declare function isDnsName(text: string): boolean;

export declare function isSelfIssued(certificate: Certificate): boolean;

export declare function isStringTag(tag: number): boolean;

export declare const keyAlgorithms: readonly ['ec-p256', 'ec-p384', 'rsa-2048', 'rsa-3072', 'rsa-4096', 'ed25519', 'ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87'];

export declare function keyInfoOf(key: KeyObject): KeyInfo;

export declare function keySigner(key: KeyObject): Signer;

export declare function keyStoreFormat(bytes: Uint8Array): KeyStoreFormat | undefined;

export declare function leafFaults(leaf: Certificate, use: Use): readonly PathFault[];

export declare function leafWarnings(leaf: Certificate, use?: ProfiledUse): readonly PathWarning[];

export declare function looksLikePem(bytes: Uint8Array): boolean;

export declare function nameKey(name: Name): string;

export declare function nameValues(name: Name, type: string): readonly string[];

export declare function namesServer(certificate: Certificate, serverName: string): boolean;

export declare function ocspCertId({ certificate, issuer }: CertIdSubject, digest?: CertIdDigest): OcspCertId;

export declare function ocspGetUrl(responderUrl: string, { der }: OcspRequest): string | undefined;

export declare function ocspStatus(response: OcspResponse, question: OcspQuestion): OcspStatus;

export declare function parseCertificate(der: Uint8Array): Certificate;

export declare function parseCertificates(bytes: Uint8Array | string): readonly Certificate[];

export declare function parseCrl(bytes: Uint8Array | string, options?: ParseCrlOptions): Promise<Crl>;

export declare function parseCrls(bytes: Uint8Array | string, { yieldNow }?: ParseCrlOptions): Promise<readonly Crl[]>;

export declare function parseCsr(bytes: Uint8Array | string): Csr;

export declare function parseGeneralName(text: string): GeneralName;

export declare function parseJks(bytes: Uint8Array, options: ParseKeyStoreOptions): KeyStoreContents;

export declare function parseName(text: string): Name;

export declare function parseOcspGetPath(encoded: string): OcspRequest;

export declare function parseOcspRequest(der: Uint8Array): OcspRequest;

export declare function parseOcspResponse(der: Uint8Array): OcspResponse;

export declare function parsePem(text: string): readonly PemBlock[];

export declare function parsePkcs12(bytes: Uint8Array, options?: ParseKeyStoreOptions): Promise<KeyStoreContents>;

export declare function parsePrivateKey(bytes: Uint8Array | string, options?: ParsePrivateKeyOptions): KeyObject;

export declare const pathLimits: {
    readonly maxPathLength: 8;
    readonly maxSignatureChecks: 64;
    readonly maxSteps: 512;
    readonly maxNameComparisons: 65536;
};

export declare function publicKeyFingerprint({ publicKeyInfo, }: Pick<Certificate, 'publicKeyInfo'>): string;

export declare function publicKeyFromPrivate(key: KeyObject): KeyObject;

export declare function purposeName(oid: string): string;

export declare const purposeOids: {
    readonly anyExtendedKeyUsage: '2.5.29.37.0';
    readonly serverAuth: '1.3.6.1.5.5.7.3.1';
    readonly clientAuth: '1.3.6.1.5.5.7.3.2';
    readonly codeSigning: '1.3.6.1.5.5.7.3.3';
    readonly emailProtection: '1.3.6.1.5.5.7.3.4';
    readonly timeStamping: '1.3.6.1.5.5.7.3.8';
    readonly ocspSigning: '1.3.6.1.5.5.7.3.9';
};

export declare const revocationReasons: readonly RevocationReason[];

export declare function sameName(a: Name, b: Name): boolean;

export declare function subjectKeyIdentifier(publicKey: KeyObject): Uint8Array;

export declare function supportsMlDsa(): boolean;

export declare const verificationProfiles: {
    readonly mtls: VerificationProfile;
    readonly webpki: VerificationProfile;
};

export declare function verifySignature(signed: Signed, publicKey: KeyObject): boolean;

export declare const x509ErrorCodes: {
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

// Needed by the above, exported by other doors or none:

interface BasicConstraints extends Criticality {
    readonly ca: boolean;
    readonly pathLength?: number;
}

interface Criticality {
    readonly critical: boolean;
}

type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

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

type ProfiledUse = Partial<Pick<Use, 'profile' | 'purpose'>>;

type ResponderFaultReason = 'ocsp-responder-unknown' | 'ocsp-responder-not-delegated' | 'ocsp-responder-expired' | 'ocsp-responder-key-weak' | 'ocsp-signature-algorithm-unsupported' | 'ocsp-signature-invalid';

type TextDifference = 'case' | 'confusable' | 'invisible-character' | 'normalization' | 'spaces';

interface UnreadExtension extends Criticality {
    readonly oid: string;
    readonly value: Uint8Array;
}

declare const codes: {
    readonly unspecified: 0;
    readonly 'key-compromise': 1;
    readonly 'ca-compromise': 2;
    readonly 'affiliation-changed': 3;
    readonly superseded: 4;
    readonly 'cessation-of-operation': 5;
    readonly 'certificate-hold': 6;
    readonly 'remove-from-crl': 8;
    readonly 'privilege-withdrawn': 9;
    readonly 'aa-compromise': 10;
};

declare const digests: {
    readonly sha1: '1.3.14.3.2.26';
    readonly sha256: '2.16.840.1.101.3.4.2.1';
    readonly sha384: '2.16.840.1.101.3.4.2.2';
    readonly sha512: '2.16.840.1.101.3.4.2.3';
};

declare const flags: readonly ['key-compromise', 'ca-compromise', 'affiliation-changed', 'superseded', 'cessation-of-operation', 'certificate-hold', 'privilege-withdrawn', 'aa-compromise'];

declare const keyUsages: readonly ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'];

declare const ocspErrorCodes: {
    readonly 'malformed-request': 1;
    readonly 'internal-error': 2;
    readonly 'try-later': 3;
    readonly 'signature-required': 5;
    readonly unauthorized: 6;
};

declare const profileRules: readonly ['purpose-absent', 'purpose-any', 'purpose-critical', 'leaf-is-a-ca', 'alternative-names-absent', 'alternative-names-critical', 'common-name-not-alternative', 'leaf-key-identifier-absent', 'issuer-key-identifier-absent', 'root-key-identifier-absent', 'root-key-identifier-form', 'root-purpose', 'root-serial-number-zero', 'key-usage-absent', 'basic-constraints-not-critical', 'name-constraints-not-critical', 'modulus-not-whole-octets'];
