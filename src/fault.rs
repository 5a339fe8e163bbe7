//! What went wrong, before anybody says what it means.
//!
//! A [`Fault`] keeps the facts of a failure: who refused, which call it was,
//! the service's own code and words. The diagnosis turns faults into findings.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::secret::keep_message;
use crate::trace::StepId;

/// Who refused, or where the failure was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Found before anything was sent.
    Local,
    /// The metadata service of EC2, ECS or EKS.
    Metadata,
    /// IAM Identity Center.
    Sso,
    Sts,
    Iam,
    Vault,
    /// STS refused the request that Vault forwarded, or Vault could not reach it.
    StsViaVault,
    /// IAM refused a look-up that Vault made itself.
    IamViaVault,
    /// Nobody answered.
    Network,
}

impl Side {
    /// The name used in documents and on the screen.
    pub fn name(self) -> &'static str {
        match self {
            Side::Local => "local",
            Side::Metadata => "metadata",
            Side::Sso => "sso",
            Side::Sts => "sts",
            Side::Iam => "iam",
            Side::Vault => "vault",
            Side::StsViaVault => "sts-via-vault",
            Side::IamViaVault => "iam-via-vault",
            Side::Network => "network",
        }
    }
}

/// A failure as it was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    pub step: StepId,
    pub side: Side,
    /// The call: `sts:AssumeRole`, `auth/aws/login`, `read`.
    pub operation: String,
    /// What the call was about: a role ARN, a role name, a path.
    pub target: String,
    /// The HTTP status of the answer, if there was one.
    pub status: Option<u16>,
    /// The service's error code (`AccessDenied`).
    pub code: Option<String>,
    /// The service's own words, masked and cut.
    pub message: String,
    /// What another service said inside this answer: STS's reply in Vault's.
    pub upstream: Option<String>,
    pub request_id: Option<String>,
    pub cause: Cause,
    #[serde(default)]
    pub peer: Peer,
}

/// What is known of the other end where no usable answer came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Peer {
    /// The request was sent on to this address, and it is there that it failed: the
    /// address alone, or with a path where that kept it from being followed.
    pub redirected_to: Option<String>,
    /// The names in a certificate that is for none of those that were asked for.
    pub certificate_names: Vec<String>,
}

/// The structure of a failure, for decisions that must not hang on English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The service answered, and refused.
    Answered,
    /// No usable answer came.
    Transport(Transport),
    /// No credentials; what each provider of the chain said is in the trace.
    Credentials(CredentialProblem),
    /// Found here, before anything was sent.
    Local(LocalProblem),
    /// A KV read without the wanted value, or a KV write that was not made.
    Kv(KvProblem),
    /// There is no namespace of the name that the request had.
    UnknownNamespace,
    /// A change of a set-up, as far as it was looked into.
    Setup(SetupProblem),
}

/// Why no usable answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    NameNotResolved,
    Refused,
    /// No connection came about in time.
    ConnectTimedOut,
    /// Connected, and no answer came in time.
    TimedOut,
    Reset,
    UnknownAuthority,
    WrongCertificateName,
    CertificateDates,
    ClientCertificateWanted,
    OtherTls,
    /// TLS was spoken and the other end does not speak it.
    NotTls,
    /// Plain HTTP was spoken and the other end wants TLS.
    WantsTls,
    NotHttp,
    NotVault,
    /// Vault's listener takes requests of a load balancer alone.
    NotForwarded,
    /// The proxy opens no tunnel: it does not allow it, or does not reach the host.
    ProxyRefused,
    /// The proxy opens no tunnel to somebody who does not log in to it.
    ProxyWantsLogin,
    Redirect,
    Other,
}

impl Transport {
    /// Tells whether the failure came before any request could be sent.
    pub fn is_before_sending(self) -> bool {
        use Transport::*;
        match self {
            NameNotResolved
            | Refused
            | ConnectTimedOut
            | UnknownAuthority
            | WrongCertificateName
            | CertificateDates
            | ClientCertificateWanted
            | NotTls
            | ProxyRefused
            | ProxyWantsLogin => true,
            TimedOut | Reset | OtherTls | WantsTls | NotHttp | NotVault | NotForwarded
            | Redirect | Other => false,
        }
    }
}

/// Why the credential chain gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialProblem {
    NoneFound,
    HopLimit,
    NoInstanceProfile,
    MetadataUnreachable,
    RoleNotTrustingEc2,
    HalfKeyPair,
    /// The profile that was named stands in no file.
    NoSuchProfile,
    /// The profile, or what it leads to, lacks something.
    Profile,
    /// The program of `credential_process`.
    Process,
    /// There is no SSO login that still holds.
    Sso,
    /// SSO does not give this role to whoever is logged in.
    SsoRole,
    /// There is no login of `aws login` that still holds.
    ConsoleLogin,
    WebIdentity,
    /// A file that should hold a token cannot be read.
    TokenFile,
    Container,
    Other,
}

/// What was found to be wrong before anything was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LocalProblem {
    TemporaryKeyWithoutToken,
    MalformedKeyId,
    CredentialsExpired,
    NoRegion,
    UnknownRegion,
    MalformedRoleArn,
    MalformedSessionName,
    MalformedExternalId,
    MalformedAddress,
    /// Another setting than the address has a form that cannot be used.
    MalformedSetting,
    PlainHttp,
    TlsFiles,
    /// A token that cannot be one.
    MalformedToken,
    /// The settings ask for a token that is not there.
    NoToken,
    /// The IAM role ARN, or name, was given where Vault's role belongs.
    IamNameAsVaultRole,
}

/// What a set-up found out about a change that was refused or not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupProblem {
    /// IAM does not find a principal that the trust policy names.
    PrincipalAbsent,
    /// IAM finds the principal and yet refuses the policy that names it.
    PrincipalNotEverywhere,
    /// It is another than the plan saw.
    ChangedMeanwhile,
    /// It was written and reads back differently.
    NotAsWritten,
    /// The credentials belong to an account in which nothing is to be done.
    OtherAccount,
    /// The token or the credentials may not do what the plan needs.
    MissingRights,
    /// Vault does not have yet what the settings ask for.
    VaultTooOld,
}

/// What is known of the mount that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MountSeen {
    /// The look-up found it, so it is there.
    Found,
    /// Neither the settings nor a look-up proved it.
    Unproved,
}

/// How a KV read ended without the wanted value, or a write without a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KvProblem {
    /// `asked` is the version that was asked for, if one was.
    NoSecret {
        asked: Option<u64>,
        mount: MountSeen,
    },
    NoField {
        asked: String,
        present: Vec<String>,
    },
    Deleted {
        time: String,
        version: u64,
    },
    Destroyed,
    NoEngine,
    V1PathOnV2,
    V2PathOnV1 {
        /// The path without `data/`.
        meant: String,
    },
    DoubledPrefix {
        /// What stands there twice: `data`, or the mount.
        part: String,
        /// The path without it, as a person writes it.
        meant: String,
    },
    NotKv {
        kind: String,
    },
    TokenInvalid,
    /// The token names a namespace that this server does not know.
    TokenUnplaced,
    /// The engine is being upgraded to version 2, and comes back by itself.
    Upgrading,
    /// The token itself was refused, without a reason: it is dead, or may not be
    /// used from here. Vault before 1.17 and OpenBao do not tell which.
    TokenRefused,
    /// 403, and the mount is known to be there.
    Denied {
        mount: String,
    },
    /// 403, and nothing tells a missing mount from a missing right.
    DeniedOrNoMount,
    /// A Sentinel policy said no, after the token's own policies had said yes.
    SentinelDenied(Sentinel),
    /// A wrapping token came in place of the secret: others must approve first.
    Wrapped,
    /// Nothing tells the engine's version, so nothing was written.
    VersionUnseen,
    /// The settings name another version than the engine has.
    OtherVersion {
        /// The number in the settings.
        set: u8,
    },
    /// The path of a write ends at the engine.
    NoName,
    /// Version 1 keeps no versions: none can be asked for, and it has neither
    /// check-and-set nor a merge.
    NeedsVersionTwo,
    /// Vault does not take the body: larger, or deeper, than it allows.
    BodyRefused,
    /// `current` is the version that is there, 0 for none, if it was seen.
    CheckAndSet {
        problem: CasProblem,
        current: Option<u64>,
    },
}

/// A Sentinel policy, as Vault names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentinel {
    /// `egp` lies on a path, `rgp` on a token.
    pub kind: String,
    /// With its namespace in front, where Vault names that.
    pub policy: String,
}

/// Why check-and-set refused a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CasProblem {
    /// No number was given.
    Required,
    /// The number is not that of the current version.
    Mismatch,
}

impl Fault {
    /// Starts a fault of `step`: `operation` on `target`, seen at `side`.
    pub fn new(
        step: StepId,
        side: Side,
        operation: impl Into<String>,
        target: impl Into<String>,
        cause: Cause,
        message: impl AsRef<str>,
    ) -> Self {
        Fault {
            step,
            side,
            operation: operation.into(),
            target: target.into(),
            status: None,
            code: None,
            message: keep_message(message.as_ref()),
            upstream: None,
            request_id: None,
            cause,
            peer: Peer::default(),
        }
    }

    /// A fault that was found before anything was sent.
    pub fn local(
        step: StepId,
        problem: LocalProblem,
        target: impl Into<String>,
        message: impl AsRef<str>,
    ) -> Self {
        Fault::new(
            step,
            Side::Local,
            step.name(),
            target,
            Cause::Local(problem),
            message,
        )
    }
}

impl Fault {
    /// Tells whether this says that a write was not made. A server's inner error
    /// and a connection that broke say nothing.
    pub fn is_refusal(&self) -> bool {
        match &self.cause {
            Cause::Answered => self
                .status
                .is_some_and(|status| (400..500).contains(&status)),
            // The listener turned it away before Vault looked at it.
            Cause::Transport(Transport::NotForwarded) => true,
            Cause::Transport(kind) => self.side == Side::Network && kind.is_before_sending(),
            Cause::Local(_)
            | Cause::Credentials(_)
            | Cause::Setup(_)
            | Cause::Kv(_)
            | Cause::UnknownNamespace => true,
        }
    }

    /// Tells whether the token itself was refused, not what was asked with it.
    pub fn is_of_token(&self) -> bool {
        matches!(
            self.cause,
            Cause::Kv(KvProblem::TokenInvalid | KvProblem::TokenRefused | KvProblem::TokenUnplaced)
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} {}: {}",
            self.operation, self.target, self.message
        )
    }
}

impl std::error::Error for Fault {}
