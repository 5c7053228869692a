/** The configuration of Client C's cluster, as `handfast up` would take it. */
export function demoConfig({ backendPort }: { readonly backendPort: number }): string {
  return `# Client C's cluster in the demo. Port 0 lets the system choose.
dataFolder: ./handfast-data
manager:
  name: CN=Manager,O=Client C Organization,L=Paris,C=FR
  anchors:
    - file: ./root.crt
rest:
  host: 127.0.0.1
  port: 0
  identity:
    certificate: ./rest.crt
    key: ./rest.key
gateway:
  listeners:
    - name: partners
      host: 127.0.0.1
      port: 0
      tlsType: MUTUAL
      identity:
        certificate: ./gateway.crt
        key: ./gateway.key
      upstream:
        url: https://127.0.0.1:${backendPort}
        serverName: backend.client-c.example
        anchors:
          - file: ./root.crt
        identity:
          certificate: ./gateway-client.crt
          key: ./gateway-client.key
`
}
