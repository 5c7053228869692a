/** What `handfast config init` writes: complete, commented, and true to the schema. */
export const configTemplate = `# What this node starts with. Paths are relative to this file.
# Check it with: handfast config check --config handfast.yaml

# The database: users, the allow-list, issued certificates, the audit trail.
dataFolder: ./handfast-data

# The local manager. The REST API serves its allow-list; entries count for certificates that lead to these anchors.
manager:
  name: CN=Manager,O=Example,L=Paris,C=FR
  anchors:
    - file: ./example-root.crt
    # - file: ./partner.crt
    #   kind: pinned          # one certificate, byte for byte, instead of an authority

# The REST API: TLS with Basic authentication. Add a user with: handfast user add admin
rest:
  host: 127.0.0.1
  port: 8888
  identity:
    certificate: ./rest.crt
    key: ./rest.key
    # passphrase:
    #   file: ./rest.passphrase    # or: variable: REST_KEY_PASSPHRASE

gateway:
  listeners:
    - name: partners
      host: 127.0.0.1
      port: 8443
      tlsType: MUTUAL              # or ONE_WAY: no client certificate is asked for
      identity:
        certificate: ./gateway.crt
        key: ./gateway.key
      upstream:
        url: https://127.0.0.1:9443
        serverName: backend.example   # must be in the backend certificate's alternative names
        anchors:
          - file: ./example-root.crt
        identity:                     # shown to the backend; leave out for one-way TLS
          certificate: ./gateway-client.crt
          key: ./gateway-client.key
`
