//! Statements about what an installation has: programs, versions, products, keys, settings.

pub const PROGRAMS: &str = "SELECT p.program_id, p.slug, p.sandbox, p.created_at, c.stands_at \
    FROM program p LEFT JOIN clock c ON c.program_id = p.program_id ORDER BY p.program_id";
pub const PROGRAM_INSERT: &str =
    "INSERT INTO program (program_id, slug, sandbox, created_at) VALUES (?1, ?2, ?3, ?4)";
pub const VERSIONS: &str = "SELECT version, effective_from, published_at, author, note, armed, document \
    FROM version WHERE program_id = ?1 ORDER BY version";
pub const VERSION_INSERT: &str = "INSERT INTO version (program_id, version, effective_from, published_at, \
    author, note, armed, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
pub const VERSION_ARMED: &str = "UPDATE version SET armed = 1 WHERE program_id = ?1 AND version = ?2";
pub const DRAFTS: &str = "SELECT name, revision, author, note, updated_at, document FROM draft \
    WHERE program_id = ?1 ORDER BY name";
pub const DRAFT_INSERT: &str = "INSERT INTO draft (program_id, name, revision, author, note, updated_at, \
    document) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6) ON CONFLICT (program_id, name) DO NOTHING";
/// Only over the revision that the writer has seen.
pub const DRAFT_UPDATE: &str = "UPDATE draft SET revision = revision + 1, author = ?3, note = ?4, \
    updated_at = ?5, document = ?6 WHERE program_id = ?1 AND name = ?2 AND revision = ?7";
pub const DRAFT_DELETE: &str = "DELETE FROM draft WHERE program_id = ?1 AND name = ?2";
pub const CLOCK_PUT: &str = "INSERT INTO clock (program_id, stands_at) VALUES (?1, ?2) \
    ON CONFLICT (program_id) DO UPDATE SET stands_at = excluded.stands_at";
pub const PRODUCT_PUT: &str = "INSERT INTO product (program_id, sku, body) VALUES (?1, ?2, ?3) \
    ON CONFLICT (program_id, sku) DO UPDATE SET body = excluded.body";
pub const COUPON_INSERT: &str = "INSERT INTO coupon (program_id, code, campaign, owner_id, expires_at, \
    blocked, created_at) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6) ON CONFLICT (program_id, code) DO NOTHING";
pub const COUPON_BLOCKED: &str = "UPDATE coupon SET blocked = ?3 WHERE program_id = ?1 AND code = ?2";
/// Hashes whose time is over, of one program.
pub const FORMER_SWEEP: &str = "DELETE FROM former WHERE program_id = ?1 AND kept_until <= ?2";
/// Guests' orders that can be claimed no more, of one program.
pub const GUEST_CONTACT_SWEEP: &str = "DELETE FROM guest_contact WHERE program_id = ?1 AND kept_until <= ?2";
pub const GUEST_ADDRESS_DELETE: &str = "DELETE FROM guest_contact WHERE program_id = ?1 AND address = ?2";
pub const API_KEYS: &str = "SELECT key_id, program_id, shop, name, scopes, secret_hash, created_at, \
    revoked_at FROM api_key ORDER BY created_at, key_id";
pub const API_KEY_INSERT: &str = "INSERT INTO api_key (key_id, program_id, shop, name, scopes, secret_hash, \
    created_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
pub const API_KEY_REVOKE: &str =
    "UPDATE api_key SET revoked_at = ?2 WHERE key_id = ?1 AND revoked_at IS NULL";
pub const SETTING: &str = "SELECT value FROM settings WHERE name = ?1";
pub const SETTING_PUT: &str = "INSERT INTO settings (name, value) VALUES (?1, ?2) \
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
