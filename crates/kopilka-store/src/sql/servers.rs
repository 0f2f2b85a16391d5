//! Statements of several servers on one database: who is alive, and who does what.
//!
//! Invariant: a server's row is held in share by each of its transactions, so that deleting the row (which is
//! how a server is declared dead) waits for them and shuts out every later one.

pub const SERVER_INSERT: &str = "INSERT INTO server (server_id, token, beat, floor, started_at) \
    VALUES (?1, ?2, 0, 0, ?3) ON CONFLICT (server_id) DO NOTHING";
pub const SERVER_BEAT: &str = "UPDATE server SET beat = beat + 1, floor = ?3 \
    WHERE server_id = ?1 AND token = ?2";
pub const SERVER_DELETE: &str = "DELETE FROM server WHERE server_id = ?1 AND token = ?2";
pub const SERVERS: &str = "SELECT server_id, token, beat, floor FROM server ORDER BY server_id";
/// The fence: no row means that the others took this server for dead.
pub const SERVER_FENCE: &str =
    "SELECT server_id FROM server WHERE server_id = ?1 AND token = ?2 FOR KEY SHARE";

pub const LEASE_INSERT: &str = "INSERT INTO lease (name, server_id, token, fence) VALUES (?1, -1, 0, 0) \
    ON CONFLICT (name) DO NOTHING";
pub const LEASES: &str = "SELECT name, server_id, token FROM lease ORDER BY name";
/// Free when its holder is no server any more.
pub const LEASE_CLAIM: &str = "UPDATE lease SET server_id = ?2, token = ?3, fence = fence + 1 \
    WHERE name = ?1 AND NOT EXISTS (SELECT 1 FROM server s WHERE s.server_id = lease.server_id \
    AND s.token = lease.token)";
pub const LEASE_RELEASE: &str =
    "UPDATE lease SET server_id = -1, token = 0 WHERE name = ?1 AND server_id = ?2 AND token = ?3";
