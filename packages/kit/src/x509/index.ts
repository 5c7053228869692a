export { attributeTypeName } from './attribute-types.ts'
export { authorityInfoAccess, encodeAuthorityInfoAccess } from './authority-info-access.ts'
export type { AuthorityInfoAccess } from './authority-info-access.ts'
export {
  certificatePublicKey,
  encodeCertificatePem,
  fingerprint,
  isSelfIssued,
  parseCertificate,
  parseCertificates,
  publicKeyFingerprint,
} from './certificate.ts'
export type { Certificate } from './certificate.ts'
export { createCertificate } from './create-certificate.ts'
export type { CertificateTemplate } from './create-certificate.ts'
export { createCrl } from './create-crl.ts'
export type { CrlEntryTemplate, CrlTemplate } from './create-crl.ts'
export type { ExtensionsTemplate, Purpose } from './create-extensions.ts'
export { createOcspError, createOcspResponse } from './create-ocsp-response.ts'
export type { OcspResponseTemplate, SingleOcspTemplate } from './create-ocsp-response.ts'
export { encodeCrlPem, parseCrl, parseCrls } from './crl.ts'
export type { Crl, ParseCrlOptions } from './crl.ts'
export {
  crlDistributionPoints,
  distributionPointUrls,
  encodeCrlDistributionPoints,
  encodeFreshestCrl,
  freshestCrl,
} from './crl-distribution-points.ts'
export type {
  DistributionPoint,
  DistributionPointName,
  IssuingDistributionPoint,
} from './crl-distribution-points.ts'
export type { CrlEntries } from './crl-entries.ts'
export type { CrlEntry } from './crl-entry.ts'
export { crlStatus } from './crl-status.ts'
export type { CrlDoubt, CrlDoubtReason, CrlQuestion, CrlStatus } from './crl-status.ts'
export { createCsr, encodeCsrPem, parseCsr } from './csr.ts'
export type { Csr, CsrTemplate } from './csr.ts'
export { encryptPrivateKeyPem } from './encrypted-key.ts'
export { X509Error, x509ErrorCodes } from './errors.ts'
export type { X509ErrorReason } from './errors.ts'
export type { CertificateExtensions, KeyUsage } from './extensions.ts'
export { formatGeneralName, isDnsName, parseGeneralName } from './general-name.ts'
export type { GeneralName } from './general-name.ts'
export { describeKeyInfo, keyInfoOf } from './key-info.ts'
export type { KeyInfo } from './key-info.ts'
export {
  encodePrivateKeyPem,
  generatePrivateKey,
  keyAlgorithms,
  keySigner,
  parsePrivateKey,
  publicKeyFromPrivate,
} from './keys.ts'
export type { KeyAlgorithm, ParsePrivateKeyOptions } from './keys.ts'
export { supportsMlDsa } from './ml-dsa.ts'
export type { MlDsaName } from './ml-dsa.ts'
export { commonNameOid, encodeName, isStringTag, nameKey, nameValues, sameName } from './name.ts'
export type { AttributeValue, Name, Rdn } from './name.ts'
export { explainNameDifference } from './name-difference.ts'
export type { NameDifference, NameDifferenceKind } from './name-difference.ts'
export { formatName, parseName } from './name-text.ts'
export type { FormatNameOptions } from './name-text.ts'
export { isCertIdOf, ocspCertId } from './ocsp-cert-id.ts'
export type { CertIdDigest, CertIdSubject, OcspCertId } from './ocsp-cert-id.ts'
export {
  createOcspRequest,
  ocspGetUrl,
  parseOcspGetPath,
  parseOcspRequest,
} from './ocsp-request.ts'
export type { OcspRequest, OcspRequestTemplate } from './ocsp-request.ts'
export type { OcspResponder } from './ocsp-responder.ts'
export { parseOcspResponse } from './ocsp-response.ts'
export type {
  BasicOcspResponse,
  OcspCertStatus,
  OcspErrorStatus,
  OcspResponse,
  ResponderId,
  SingleOcspResponse,
} from './ocsp-response.ts'
export { ocspStatus } from './ocsp-status.ts'
export type { OcspDoubt, OcspDoubtReason, OcspQuestion, OcspStatus } from './ocsp-status.ts'
export { extensionName, purposeName, purposeOids } from './oids.ts'
export { encodePem, looksLikePem, parsePem } from './pem.ts'
export type { PemBlock } from './pem.ts'
export { revocationReasons } from './revocation-reason.ts'
export type { RevocationReason, ScopedReason } from './revocation-reason.ts'
export type { NotRevoked, Revoked } from './revocation-status.ts'
export { subjectKeyIdentifier, verifySignature } from './signature.ts'
export type { SignatureAlgorithm, Signed, Signer } from './signature.ts'
export type { PathFault, PathFaultReason, PathWarning, Use } from './certificate-faults.ts'
export { findPaths, pathLimits } from './find-paths.ts'
export type { PathAttempt, PathSearch } from './find-paths.ts'
export { namesServer } from './server-name.ts'
export { verificationProfiles } from './profiles.ts'
export type { ProfileAnswer, ProfileRule, VerificationProfile } from './profiles.ts'
export { leafFaults, leafWarnings } from './certificate-faults.ts'
export { createJksTrustStore } from './create-jks.ts'
export type { CreateJksOptions } from './create-jks.ts'
export { createPkcs12, createPkcs12TrustStore } from './create-pkcs12.ts'
export type { CreateKeyStoreOptions, Pkcs12Identity } from './create-pkcs12.ts'
export { parseJks } from './jks.ts'
export { keyStoreFormat } from './key-store.ts'
export type {
  KeyStoreContents,
  KeyStoreFormat,
  ParseKeyStoreOptions,
  StoredCertificate,
  StoredKey,
} from './key-store.ts'
export type { TrustStoreEntry } from './key-store-alias.ts'
export { parsePkcs12 } from './pkcs12.ts'
