/** What lies beside the user's files, in the shared folder. Nothing below it is ever listed, sent, fetched or written to by a peer. */
export const PRIVATE_DIRECTORY = '.peerhold';

/** The node's Ed25519 key pair, PKCS#8 PEM, for its owner only. */
export const IDENTITY_FILE = `${PRIVATE_DIRECTORY}/identity.pem`;

/** The embedded database. */
export const INDEX_DIRECTORY = `${PRIVATE_DIRECTORY}/index`;

/** Files on their way in; whatever a crash left here is removed at start. */
export const PARTIAL_DIRECTORY = `${PRIVATE_DIRECTORY}/partial`;

/** Contents that are kept for other nodes, named by the hash of their manifests. */
export const REPLICA_DIRECTORY = `${PRIVATE_DIRECTORY}/replicas`;

/** Replaced versions, which RESTORE brings back. */
export const VERSIONS_DIRECTORY = `${PRIVATE_DIRECTORY}/versions`;
