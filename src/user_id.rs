//! Matrix user IDs.
//!
//! Follows the Matrix specification, appendix "User Identifiers": `@localpart:server_name`, at most 255 bytes. The
//! localpart may be any *historical* one (whatever Unicode but `:` and NUL, the empty string included), since a
//! homeserver has to accept those from others. The server name follows the appendix "Server Name".

use ruma_identifiers_validation::server_name;

/// The greatest length of a user ID in bytes, sigil and server name included.
pub const MAX_BYTES: usize = 255;

/// A valid Matrix user ID, borrowed from where it was written.
///
/// ```
/// use presence_router::user_id::UserId;
///
/// let alice = UserId::parse("@alice:example.org:8448")?;
/// assert_eq!(alice.localpart(), "alice");
/// assert_eq!(alice.server_name(), "example.org:8448");
/// # Ok::<(), presence_router::user_id::UserIdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserId<'a> {
    text: &'a str,
    /// Where the `:` between localpart and server name stands; fits, since an ID has at most 255 bytes.
    colon: u8,
}

/// Why a text is not a user ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UserIdError {
    /// `alice:example.org`
    #[error("it does not start with `@`")]
    NoSigil,
    /// `@alice`
    #[error("it has no `:` and server name after the localpart")]
    NoServerName,
    /// `@alice…:example.org` with more than 255 bytes
    #[error("it is {0} bytes long, and a user ID has at most {MAX_BYTES}")]
    TooLong(usize),
    /// `@al\0ice:example.org`
    #[error("its localpart has a NUL character")]
    Nul,
    /// `@alice:exa_mple.org`
    #[error("its server name is not valid: {0}")]
    ServerName(#[from] ServerNameError),
}

/// Why a text is not a server name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerNameError {
    /// an empty text, or `:8448`
    #[error("it is empty")]
    Empty,
    /// `exa_mple.org`
    #[error("a host name has only letters, digits, `-` and `.`")]
    Host,
    /// `[::1`, `[example]`
    #[error("what stands in brackets is not an IPv6 address")]
    Ipv6,
    /// `example.org:https`, `example.org:123456`
    #[error("a port is 1 to 5 digits")]
    Port,
}

impl<'a> UserId<'a> {
    /// Reads a user ID.
    ///
    /// # Errors
    ///
    /// Says what keeps `text` from being one.
    pub fn parse(text: &'a str) -> Result<Self, UserIdError> {
        if !text.starts_with('@') {
            return Err(UserIdError::NoSigil);
        }
        if text.len() > MAX_BYTES {
            return Err(UserIdError::TooLong(text.len()));
        }
        let colon = match memchr::memchr2(b':', b'\0', text.as_bytes()) {
            Some(at) if text.as_bytes()[at] == b':' => at,
            Some(_) if text.contains(':') => return Err(UserIdError::Nul),
            _ => return Err(UserIdError::NoServerName),
        };
        validate_server_name(&text[colon + 1..])?;
        Ok(Self {
            text,
            colon: colon as u8,
        })
    }

    /// A text that was found to be a user ID before, and is not judged again.
    pub(crate) fn of_valid(text: &'a str) -> Self {
        let colon = memchr::memchr(b':', text.as_bytes()).expect("a user ID has a colon");
        Self {
            text,
            colon: colon as u8,
        }
    }

    /// The whole ID.
    pub fn as_str(self) -> &'a str {
        self.text
    }

    /// What stands between `@` and the first `:`.
    pub fn localpart(self) -> &'a str {
        &self.text[1..usize::from(self.colon)]
    }

    /// What follows the first `:`, a port included.
    pub fn server_name(self) -> &'a str {
        &self.text[usize::from(self.colon) + 1..]
    }
}

/// Checks the form of a server name: a host name, an IPv4 address or an IPv6 address in brackets, and then, if there
/// is one, a port of 1 to 5 digits.
///
/// The host is judged by `ruma-identifiers-validation`, but for names of nothing but letters, digits, `-` and `.`, which
/// can be told at a glance. The port is not: that crate takes `+80` and refuses `65536`, where the specification's
/// grammar has neither exception.
///
/// # Errors
///
/// Says what keeps `text` from being a server name.
pub fn validate_server_name(text: &str) -> Result<(), ServerNameError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    if (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(is_plain) {
        return Ok(());
    }
    // The colons of an IPv6 address stand before its bracket closes, so none of them starts the port.
    let address = text.starts_with('[').then(|| text.rfind(']')).flatten();
    let after_address = address.map_or(0, |bracket| bracket + 1);
    let (host, port) = match text[after_address..].find(':') {
        Some(colon) => {
            let (host, port) = text.split_at(after_address + colon);
            (host, Some(&port[1..]))
        }
        None => (text, None),
    };
    if host.is_empty() {
        return Err(ServerNameError::Empty);
    }
    server_name::validate(host).map_err(|_| {
        if host.starts_with('[') {
            ServerNameError::Ipv6
        } else {
            ServerNameError::Host
        }
    })?;
    match port {
        Some(port) if !is_port(port) => Err(ServerNameError::Port),
        _ => Ok(()),
    }
}

/// Whether this is the form of a port: 1 to 5 digits.
pub fn is_port(text: &str) -> bool {
    (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
