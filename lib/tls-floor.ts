/** Oldest TLS version that the database accepts. The vault itself always uses TLS 1.3. */
export enum TlsFloor {
  TLS_1_2 = 'TLSv1.2',
  TLS_1_3 = 'TLSv1.3',
}
