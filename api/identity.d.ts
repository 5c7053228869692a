// Made by "npm run api" from what the compiler emits. Do not edit; a test compares it.

export interface AnchorFile {
    readonly path: string;
    readonly kind: Anchor['kind'];
}

export declare class FileIdentitySource implements IdentitySource {
    #private;
    private constructor();
    static load(files: IdentityFiles): Promise<FileIdentitySource>;
    current(): Identity;
    watch(fn: (identity: Identity) => void): Cancel;
    reload(): Promise<void>;
}

export interface Identity {
    readonly name: string;
    readonly key: KeyObject;
    readonly chain: readonly Certificate[];
}

export declare class IdentityError extends HandfastError<IdentityErrorReason> {
    readonly name = "IdentityError";
    constructor(reason: IdentityErrorReason, message: string, options?: HandfastErrorOptions);
}

export type IdentityErrorReason = keyof typeof identityErrorCodes;

export interface IdentityFiles {
    readonly name: string;
    readonly certificateFile: string;
    readonly keyFile?: string;
    readonly passphrase?: string;
}

export interface IdentitySource {
    current(): Identity;
    watch(fn: (identity: Identity) => void): Cancel;
}

export declare function createIdentity(identity: Identity): Identity;

export declare function fixedIdentity(identity: Identity): IdentitySource;

export declare const identityErrorCodes: {
    readonly 'file-unreadable': 'HF-I101';
    readonly 'certificate-unusable': 'HF-I102';
    readonly 'key-unusable': 'HF-I103';
    readonly 'key-mismatch': 'HF-I104';
    readonly 'chain-out-of-order': 'HF-I105';
    readonly 'anchors-unusable': 'HF-I106';
};

export declare function loadAnchors(files: readonly AnchorFile[]): Promise<readonly Anchor[]>;

export declare function loadIdentity(files: IdentityFiles): Promise<Identity>;

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

type Rdn = readonly AttributeValue[];

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

declare const keyUsages: readonly ['digitalSignature', 'nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'];
