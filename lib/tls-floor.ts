/** The oldest TLS version that the database accepts. The vault itself speaks 1.3 alone, whatever the floor. */
export enum TlsFloor {
  TLS_1_2 = 'TLSv1.2',
  TLS_1_3 = 'TLSv1.3',
}
