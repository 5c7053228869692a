/** The versions of Corda's API that a resource exists in. */
export const apiPrefixes = ['/api/v1', '/api/v5_1'] as const

export const allowedSubjectsPath = '/mgm/:holdingId/mutual-tls/allowed-client-certificate-subjects'
export const allowedSubjectPath =
  '/mgm/:holdingId/mutual-tls/allowed-client-certificate-subjects/:subject'

export interface Resource {
  /** The path with its fixed parts in lower case; parameters and query as they were. */
  readonly path: string
  readonly methods: readonly string[]
}

/** The resource that a URL names, in whatever case its fixed parts are. */
export function findResource(url: string): Resource | undefined {
  const groups = pattern.exec(url)?.groups
  if (groups === undefined) return undefined
  const { version = '', holdingId = '', subject = '', end = '' } = groups
  const list = `/api/${version.toLowerCase()}/mgm/${holdingId}/mutual-tls/allowed-client-certificate-subjects`
  return {
    path: `${list}${subject}${end}`,
    methods: subject === '' ? ['GET', 'HEAD'] : ['PUT', 'DELETE'],
  }
}

const pattern =
  /^\/api\/(?<version>v1|v5_1)\/mgm\/(?<holdingId>[^/?]+)\/mutual-tls\/allowed-client-certificate-subjects(?<subject>\/[^/?]+)?(?<end>\/?(?:\?.*)?)$/i
