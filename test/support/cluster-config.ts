/** Files of a key and its chain; paths are relative to `handfast.yaml`. */
export interface IdentityFiles {
  readonly certificate: string
  /** Absent: in the same file. */
  readonly key?: string
  readonly passphrase?: { readonly file: string }
}

export interface AnchorFiles {
  readonly file: string
  readonly kind?: 'ca' | 'pinned'
}

export interface ClusterFiles {
  /** Who vouches for clients. */
  readonly clients: readonly AnchorFiles[]
  /** What the gateway and the REST API show. */
  readonly server: IdentityFiles
  readonly backend: {
    readonly port: number
    readonly serverName: string
    readonly anchors: readonly AnchorFiles[]
    /** What the gateway shows to the backend. */
    readonly identity?: IdentityFiles
  }
}

/** A `handfast.yaml` with one mutual listener in front of one TLS backend, on ports of the system's choice. */
export function clusterConfig({ clients, server, backend }: ClusterFiles): object {
  const { port, ...upstream } = backend
  const local = { host: '127.0.0.1', port: 0, identity: server }
  return {
    manager: { name: 'CN=Manager,O=Interop,L=Paris,C=FR', anchors: clients },
    rest: local,
    gateway: {
      listeners: [
        {
          name: 'partners',
          tlsType: 'MUTUAL',
          ...local,
          upstream: { url: `https://127.0.0.1:${port}`, ...upstream },
        },
      ],
    },
  }
}
