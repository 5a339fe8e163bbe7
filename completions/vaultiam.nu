module completions {

  def "nu-complete vaultiam color" [] {
    [ "auto" "always" "never" ]
  }

  def "nu-complete vaultiam output" [] {
    [ "human" "json" "junit" "sarif" "prometheus" "table" "raw" "yaml" "dotenv" "shell" ]
  }

  # Kong Gateway and HashiCorp Vault on AWS without a static secret
  export extern vaultiam [
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --output(-o): string@"nu-complete vaultiam output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --help(-h)                # Print help (see more with '--help')
    --version(-V)             # Print version
  ]

  def "nu-complete vaultiam init topology" [] {
    [ "article" "separate" "direct" ]
  }

  def "nu-complete vaultiam init workload" [] {
    [ "ec2" "ecs" "eks-pod-identity" "irsa" ]
  }

  def "nu-complete vaultiam init sts" [] {
    [ "client" "regional" "global" ]
  }

  def "nu-complete vaultiam init token-source" [] {
    [ "auto" "env" "stored" "aws" ]
  }

  def "nu-complete vaultiam init kv-version" [] {
    [ "1" "2" ]
  }

  def "nu-complete vaultiam init output" [] {
    [ "human" "json" ]
  }

  def "nu-complete vaultiam init color" [] {
    [ "auto" "always" "never" ]
  }

  # Write a settings file that explains every setting
  export extern "vaultiam init" [
    --stack: string           # Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]
    --topology: string@"nu-complete vaultiam init topology" # Who logs in: a role shared with Vault's server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]
    --region: string          # AWS region; else the profile's, else the instance's [env: AWS_REGION, AWS_DEFAULT_REGION]
    --profile: string         # AWS profile to take credentials from [env: AWS_PROFILE]
    --account-id: string      # AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]
    --kong-role: string       # IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]
    --login-role: string      # IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]
    --login-account-id: string # AWS account of the login role, when it is another
    --server-role: string     # IAM role that Vault's servers run with
    --assume-role-arn: string # ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]
    --external-id: string     # External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]
    --session-name: string    # Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]
    --session-policy: path    # Policy for the session: deny-all, none, or a file; Vault's login needs no permission [default: deny-all]
    --workload: string@"nu-complete vaultiam init workload" # What Kong runs on [default: ec2]
    --address: string         # Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]
    --allow-http              # Allow plain http to a host that is not this machine
    --namespace: string       # Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]
    --auth-mount: string      # Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]
    --auth-type: string       # Type of the auth method; OpenBao's plugin has a name of its own [default: aws]
    --auth-role: string       # Role of Vault's auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]
    --policy: string          # Vault policy of the token [default: kong-policy]
    --ttl: string             # How long a token lives [default: 1h]
    --max-ttl: string         # How long a token can be renewed [default: 24h]
    --server-id: string       # Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]
    --sts: string@"nu-complete vaultiam init sts" # Which STS endpoint Vault asks: the client's region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]
    --sts-region: string      # Region that is signed for Vault [env: VAULTIAM_STS_REGION]
    --ca-cert: path           # PEM file with the authorities that Vault's certificate is checked against [env: VAULT_CACERT, BAO_CACERT]
    --ca-path: directory      # Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]
    --client-cert: path       # PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]
    --client-key: path        # PEM file with the client certificate's key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]
    --tls-server-name: string # Name that Vault's certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]
    --skip-verify             # Do not check Vault's certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]
    --timeout: string         # Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]
    --max-retries: string     # How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]
    --token-source: string@"nu-complete vaultiam init token-source" # Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]
    --kv-mount: string        # Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)
    --kv-version: string@"nu-complete vaultiam init kv-version" # Version of the KV engine; found when it is not given
    --kv-prefix: string       # What Kong may read below the mount [default: kong/]
    --kv-namespace: string    # Namespace of the KV engine, when it is another
    --kong-prefix: string     # Prefix of Kong's vault entity [default: my-vault]
    --force                   # Replace the file that is there, without reading it
    --output(-o): string@"nu-complete vaultiam init output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam init color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
  ]

  def "nu-complete vaultiam setup topology" [] {
    [ "article" "separate" "direct" ]
  }

  def "nu-complete vaultiam setup workload" [] {
    [ "ec2" "ecs" "eks-pod-identity" "irsa" ]
  }

  def "nu-complete vaultiam setup sts" [] {
    [ "client" "regional" "global" ]
  }

  def "nu-complete vaultiam setup token-source" [] {
    [ "auto" "env" "stored" "aws" ]
  }

  def "nu-complete vaultiam setup kv-version" [] {
    [ "1" "2" ]
  }

  def "nu-complete vaultiam setup only" [] {
    [ "aws" "vault" ]
  }

  def "nu-complete vaultiam setup output" [] {
    [ "human" "json" ]
  }

  def "nu-complete vaultiam setup color" [] {
    [ "auto" "always" "never" ]
  }

  # Provision the IAM roles, and Vault's auth method, role, policy and KV engine
  export extern "vaultiam setup" [
    --stack: string           # Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]
    --topology: string@"nu-complete vaultiam setup topology" # Who logs in: a role shared with Vault's server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]
    --region: string          # AWS region; else the profile's, else the instance's [env: AWS_REGION, AWS_DEFAULT_REGION]
    --profile: string         # AWS profile to take credentials from [env: AWS_PROFILE]
    --account-id: string      # AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]
    --kong-role: string       # IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]
    --login-role: string      # IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]
    --login-account-id: string # AWS account of the login role, when it is another
    --server-role: string     # IAM role that Vault's servers run with
    --assume-role-arn: string # ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]
    --external-id: string     # External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]
    --workload: string@"nu-complete vaultiam setup workload" # What Kong runs on [default: ec2]
    --address: string         # Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]
    --allow-http              # Allow plain http to a host that is not this machine
    --namespace: string       # Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]
    --auth-mount: string      # Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]
    --auth-type: string       # Type of the auth method; OpenBao's plugin has a name of its own [default: aws]
    --auth-role: string       # Role of Vault's auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]
    --policy: string          # Vault policy of the token [default: kong-policy]
    --ttl: string             # How long a token lives [default: 1h]
    --max-ttl: string         # How long a token can be renewed [default: 24h]
    --server-id: string       # Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]
    --sts: string@"nu-complete vaultiam setup sts" # Which STS endpoint Vault asks: the client's region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]
    --sts-region: string      # Region that is signed for Vault [env: VAULTIAM_STS_REGION]
    --ca-cert: path           # PEM file with the authorities that Vault's certificate is checked against [env: VAULT_CACERT, BAO_CACERT]
    --ca-path: directory      # Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]
    --client-cert: path       # PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]
    --client-key: path        # PEM file with the client certificate's key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]
    --tls-server-name: string # Name that Vault's certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]
    --skip-verify             # Do not check Vault's certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]
    --timeout: string         # Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]
    --max-retries: string     # How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]
    --token-source: string@"nu-complete vaultiam setup token-source" # Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]
    --kv-mount: string        # Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)
    --kv-version: string@"nu-complete vaultiam setup kv-version" # Version of the KV engine; found when it is not given
    --kv-prefix: string       # What Kong may read below the mount [default: kong/]
    --kv-namespace: string    # Namespace of the KV engine, when it is another
    --plan                    # Show the plan and change nothing; exit 3 if there are changes, 0 if none
    --yes(-y)                 # Make the changes without asking
    --only: string@"nu-complete vaultiam setup only" # Look at and change one side only
    --explain                 # Show each look and each change as it happens
    --record: path            # Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it
    --adopt: string           # Take over a resource that is not ours, as the plan names it; may be given again
    --accept-recreated        # Trust a role again that was made anew under its old name; --yes alone does not
    --output(-o): string@"nu-complete vaultiam setup output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam setup color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
  ]

  def "nu-complete vaultiam check topology" [] {
    [ "article" "separate" "direct" ]
  }

  def "nu-complete vaultiam check workload" [] {
    [ "ec2" "ecs" "eks-pod-identity" "irsa" ]
  }

  def "nu-complete vaultiam check sts" [] {
    [ "client" "regional" "global" ]
  }

  def "nu-complete vaultiam check token-source" [] {
    [ "auto" "env" "stored" "aws" ]
  }

  def "nu-complete vaultiam check kv-version" [] {
    [ "1" "2" ]
  }

  def "nu-complete vaultiam check only" [] {
    [ "settings" "clock" "aws" "vault" "auth" "policy" "kv" "login" "sec" "settings.region" "settings.complete" "settings.ambient" "clock.skew" "aws.credentials" "aws.caller" "aws.kong-role" "aws.workload" "aws.profile" "aws.assume" "aws.login-role" "aws.trust" "aws.server" "vault.reachable" "vault.tls" "vault.ready" "vault.version" "auth.method" "auth.config" "auth.server-id" "auth.role" "auth.binding" "auth.policies" "auth.tokens" "policy.read" "kv.engine" "kv.version" "login.assume" "login.vault" "login.read" "sec.trust" "sec.identity" "sec.policy" "sec.http" "sec.tls" "sec.keys" "sec.server-id" "sec.lifetime" "sec.root" "sec.audit" "sec.files" ]
  }

  def "nu-complete vaultiam check skip" [] {
    [ "settings" "clock" "aws" "vault" "auth" "policy" "kv" "login" "sec" "settings.region" "settings.complete" "settings.ambient" "clock.skew" "aws.credentials" "aws.caller" "aws.kong-role" "aws.workload" "aws.profile" "aws.assume" "aws.login-role" "aws.trust" "aws.server" "vault.reachable" "vault.tls" "vault.ready" "vault.version" "auth.method" "auth.config" "auth.server-id" "auth.role" "auth.binding" "auth.policies" "auth.tokens" "policy.read" "kv.engine" "kv.version" "login.assume" "login.vault" "login.read" "sec.trust" "sec.identity" "sec.policy" "sec.http" "sec.tls" "sec.keys" "sec.server-id" "sec.lifetime" "sec.root" "sec.audit" "sec.files" ]
  }

  def "nu-complete vaultiam check output" [] {
    [ "human" "json" "junit" "sarif" "prometheus" ]
  }

  def "nu-complete vaultiam check color" [] {
    [ "auto" "always" "never" ]
  }

  # Check the whole chain from both sides: would Kong get in and read its secrets?
  export extern "vaultiam check" [
    --stack: string           # Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]
    --topology: string@"nu-complete vaultiam check topology" # Who logs in: a role shared with Vault's server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]
    --region: string          # AWS region; else the profile's, else the instance's [env: AWS_REGION, AWS_DEFAULT_REGION]
    --profile: string         # AWS profile to take credentials from [env: AWS_PROFILE]
    --account-id: string      # AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]
    --kong-role: string       # IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]
    --login-role: string      # IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]
    --login-account-id: string # AWS account of the login role, when it is another
    --server-role: string     # IAM role that Vault's servers run with
    --assume-role-arn: string # ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]
    --external-id: string     # External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]
    --session-name: string    # Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]
    --session-policy: path    # Policy for the session: deny-all, none, or a file; Vault's login needs no permission [default: deny-all]
    --workload: string@"nu-complete vaultiam check workload" # What Kong runs on [default: ec2]
    --address: string         # Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]
    --allow-http              # Allow plain http to a host that is not this machine
    --namespace: string       # Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]
    --auth-mount: string      # Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]
    --auth-type: string       # Type of the auth method; OpenBao's plugin has a name of its own [default: aws]
    --auth-role: string       # Role of Vault's auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]
    --policy: string          # Vault policy of the token [default: kong-policy]
    --ttl: string             # How long a token lives [default: 1h]
    --max-ttl: string         # How long a token can be renewed [default: 24h]
    --server-id: string       # Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]
    --sts: string@"nu-complete vaultiam check sts" # Which STS endpoint Vault asks: the client's region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]
    --sts-region: string      # Region that is signed for Vault [env: VAULTIAM_STS_REGION]
    --ca-cert: path           # PEM file with the authorities that Vault's certificate is checked against [env: VAULT_CACERT, BAO_CACERT]
    --ca-path: directory      # Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]
    --client-cert: path       # PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]
    --client-key: path        # PEM file with the client certificate's key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]
    --tls-server-name: string # Name that Vault's certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]
    --skip-verify             # Do not check Vault's certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]
    --timeout: string         # Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]
    --max-retries: string     # How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]
    --token-source: string@"nu-complete vaultiam check token-source" # Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]
    --kv-mount: string        # Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)
    --kv-version: string@"nu-complete vaultiam check kv-version" # Version of the KV engine; found when it is not given
    --kv-prefix: string       # What Kong may read below the mount [default: kong/]
    --kv-namespace: string    # Namespace of the KV engine, when it is another
    --only: string@"nu-complete vaultiam check only" # Run this check or category alone, and what it needs; several with commas, or given again. If it is skipped, exit 9
    --skip: string@"nu-complete vaultiam check skip" # Leave out this check or category; several with commas, or given again
    --list                    # List the checks; nothing is asked of AWS or Vault
    --strict                  # Exit 9 if any check is skipped
    --wait: string            # Check again until nothing fails or this time is over, such as 5m
    --admin                   # Read Vault's documents with the token of VAULT_TOKEN or the token store
    --admin-profile: string   # Read IAM's documents with this AWS profile
    --record: path            # Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it
    --output(-o): string@"nu-complete vaultiam check output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam check color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help (see more with '--help')
    ...path: string           # Secret that Kong is to read, as get takes it [default: all below the prefix]
  ]

  def "nu-complete vaultiam login topology" [] {
    [ "article" "separate" "direct" ]
  }

  def "nu-complete vaultiam login sts" [] {
    [ "client" "regional" "global" ]
  }

  def "nu-complete vaultiam login output" [] {
    [ "human" "json" ]
  }

  def "nu-complete vaultiam login color" [] {
    [ "auto" "always" "never" ]
  }

  # Log in to Vault with AWS credentials
  export extern "vaultiam login" [
    --topology: string@"nu-complete vaultiam login topology" # Who logs in: a role shared with Vault's server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]
    --region: string          # AWS region; else the profile's, else the instance's [env: AWS_REGION, AWS_DEFAULT_REGION]
    --profile: string         # AWS profile to take credentials from [env: AWS_PROFILE]
    --account-id: string      # AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]
    --kong-role: string       # IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]
    --login-role: string      # IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]
    --login-account-id: string # AWS account of the login role, when it is another
    --assume-role-arn: string # ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]
    --no-assume               # Assume no role: log in with the credentials as they are
    --external-id: string     # External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]
    --session-name: string    # Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]
    --session-policy: path    # Policy for the session: deny-all, none, or a file; Vault's login needs no permission [default: deny-all]
    --address: string         # Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]
    --allow-http              # Allow plain http to a host that is not this machine
    --namespace: string       # Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]
    --auth-mount: string      # Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]
    --auth-role: string       # Role of Vault's auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]
    --role: string            # Role of Vault's auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]
    --server-id: string       # Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]
    --sts: string@"nu-complete vaultiam login sts" # Which STS endpoint Vault asks: the client's region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]
    --sts-region: string      # Region that is signed for Vault [env: VAULTIAM_STS_REGION]
    --ca-cert: path           # PEM file with the authorities that Vault's certificate is checked against [env: VAULT_CACERT, BAO_CACERT]
    --ca-path: directory      # Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]
    --client-cert: path       # PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]
    --client-key: path        # PEM file with the client certificate's key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]
    --tls-server-name: string # Name that Vault's certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]
    --skip-verify             # Do not check Vault's certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]
    --timeout: string         # Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]
    --max-retries: string     # How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]
    --explain                 # Show each step as it happens; on failure, say who refused and why
    --token-only              # Print the bare token and store nothing
    --show-token              # Show the token in the table or document
    --no-store                # Store nothing; the token is revoked at the end unless it is printed
    --force                   # Replace a stored token even if it is alive and somebody else's
    --record: path            # Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it
    --admin                   # Look for the cause with the token of VAULT_TOKEN or the token store; it only reads
    --admin-profile: string   # Look for the cause in IAM with this AWS profile; it only reads
    --output(-o): string@"nu-complete vaultiam login output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam login color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
  ]

  def "nu-complete vaultiam get topology" [] {
    [ "article" "separate" "direct" ]
  }

  def "nu-complete vaultiam get sts" [] {
    [ "client" "regional" "global" ]
  }

  def "nu-complete vaultiam get token-source" [] {
    [ "auto" "env" "stored" "aws" ]
  }

  def "nu-complete vaultiam get kv-version" [] {
    [ "1" "2" ]
  }

  def "nu-complete vaultiam get output" [] {
    [ "human" "json" "table" "raw" "yaml" "dotenv" "shell" ]
  }

  def "nu-complete vaultiam get color" [] {
    [ "auto" "always" "never" ]
  }

  # Read secrets from the KV engine
  export extern "vaultiam get" [
    --topology: string@"nu-complete vaultiam get topology" # Who logs in: a role shared with Vault's server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]
    --region: string          # AWS region; else the profile's, else the instance's [env: AWS_REGION, AWS_DEFAULT_REGION]
    --profile: string         # AWS profile to take credentials from [env: AWS_PROFILE]
    --account-id: string      # AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]
    --kong-role: string       # IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]
    --login-role: string      # IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]
    --login-account-id: string # AWS account of the login role, when it is another
    --assume-role-arn: string # ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]
    --no-assume               # Assume no role: log in with the credentials as they are
    --external-id: string     # External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]
    --session-name: string    # Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]
    --session-policy: path    # Policy for the session: deny-all, none, or a file; Vault's login needs no permission [default: deny-all]
    --address: string         # Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]
    --allow-http              # Allow plain http to a host that is not this machine
    --namespace: string       # Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]
    --auth-mount: string      # Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]
    --auth-role: string       # Role of Vault's auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]
    --server-id: string       # Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]
    --sts: string@"nu-complete vaultiam get sts" # Which STS endpoint Vault asks: the client's region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]
    --sts-region: string      # Region that is signed for Vault [env: VAULTIAM_STS_REGION]
    --ca-cert: path           # PEM file with the authorities that Vault's certificate is checked against [env: VAULT_CACERT, BAO_CACERT]
    --ca-path: directory      # Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]
    --client-cert: path       # PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]
    --client-key: path        # PEM file with the client certificate's key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]
    --tls-server-name: string # Name that Vault's certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]
    --skip-verify             # Do not check Vault's certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]
    --timeout: string         # Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]
    --max-retries: string     # How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]
    --token-source: string@"nu-complete vaultiam get token-source" # Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]
    --kv-mount: string        # Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)
    --kv-version: string@"nu-complete vaultiam get kv-version" # Version of the KV engine; found when it is not given
    --kv-namespace: string    # Namespace of the KV engine, when it is another
    --field(-f): string       # Print the bare value of this field
    --version: string         # Read this version (KV version 2)
    --explain                 # Log in through AWS and show each step
    --record: path            # Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it
    --admin                   # Look for the cause with the token of VAULT_TOKEN or the token store; it only reads
    --admin-profile: string   # Look for the cause in IAM with this AWS profile; it only reads
    --output(-o): string@"nu-complete vaultiam get output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam get color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
    ...path: string           # Path as 'vault kv get' takes it; PATH@3 is a version, PATH#field a field
  ]

  def "nu-complete vaultiam put topology" [] {
    [ "article" "separate" "direct" ]
  }

  def "nu-complete vaultiam put sts" [] {
    [ "client" "regional" "global" ]
  }

  def "nu-complete vaultiam put token-source" [] {
    [ "auto" "env" "stored" "aws" ]
  }

  def "nu-complete vaultiam put kv-version" [] {
    [ "1" "2" ]
  }

  def "nu-complete vaultiam put output" [] {
    [ "human" "json" ]
  }

  def "nu-complete vaultiam put color" [] {
    [ "auto" "always" "never" ]
  }

  # Write a secret to the KV engine
  export extern "vaultiam put" [
    --topology: string@"nu-complete vaultiam put topology" # Who logs in: a role shared with Vault's server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]
    --region: string          # AWS region; else the profile's, else the instance's [env: AWS_REGION, AWS_DEFAULT_REGION]
    --profile: string         # AWS profile to take credentials from [env: AWS_PROFILE]
    --account-id: string      # AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]
    --kong-role: string       # IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]
    --login-role: string      # IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]
    --login-account-id: string # AWS account of the login role, when it is another
    --assume-role-arn: string # ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]
    --no-assume               # Assume no role: log in with the credentials as they are
    --external-id: string     # External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]
    --session-name: string    # Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]
    --session-policy: path    # Policy for the session: deny-all, none, or a file; Vault's login needs no permission [default: deny-all]
    --address: string         # Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]
    --allow-http              # Allow plain http to a host that is not this machine
    --namespace: string       # Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]
    --auth-mount: string      # Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]
    --auth-role: string       # Role of Vault's auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]
    --server-id: string       # Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]
    --sts: string@"nu-complete vaultiam put sts" # Which STS endpoint Vault asks: the client's region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]
    --sts-region: string      # Region that is signed for Vault [env: VAULTIAM_STS_REGION]
    --ca-cert: path           # PEM file with the authorities that Vault's certificate is checked against [env: VAULT_CACERT, BAO_CACERT]
    --ca-path: directory      # Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]
    --client-cert: path       # PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]
    --client-key: path        # PEM file with the client certificate's key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]
    --tls-server-name: string # Name that Vault's certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]
    --skip-verify             # Do not check Vault's certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]
    --timeout: string         # Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]
    --max-retries: string     # How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]
    --token-source: string@"nu-complete vaultiam put token-source" # Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]
    --kv-mount: string        # Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)
    --kv-version: string@"nu-complete vaultiam put kv-version" # Version of the KV engine; found when it is not given
    --kv-namespace: string    # Namespace of the KV engine, when it is another
    --cas: string             # Write only if N is the current version; 0: only if there is none (KV version 2)
    --patch                   # Keep the fields that are not given (KV version 2)
    --yes(-y)                 # Replace without asking, even if fields vanish
    --explain                 # Show each step as it happens
    --record: path            # Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it
    --admin                   # Look for the cause with the token of VAULT_TOKEN or the token store; it only reads
    --admin-profile: string   # Look for the cause in IAM with this AWS profile; it only reads
    --output(-o): string@"nu-complete vaultiam put output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam put color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
    path: string              # Path as 'vault kv put' takes it
    ...field: string          # FIELD=@FILE takes the value from a file, FIELD=- from stdin, FIELD alone asks for it unseen; @FILE or - alone is a JSON object of fields. FIELD=VALUE works too, and is seen in the shell's history
  ]

  def "nu-complete vaultiam kong output" [] {
    [ "human" ]
  }

  def "nu-complete vaultiam kong color" [] {
    [ "auto" "always" "never" ]
  }

  # Kong's own configuration for this login
  export extern "vaultiam kong" [
    --output(-o): string@"nu-complete vaultiam kong output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam kong color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
  ]

  def "nu-complete vaultiam kong render topology" [] {
    [ "article" "separate" "direct" ]
  }

  def "nu-complete vaultiam kong render sts" [] {
    [ "client" "regional" "global" ]
  }

  def "nu-complete vaultiam kong render kv-version" [] {
    [ "1" "2" ]
  }

  def "nu-complete vaultiam kong render format" [] {
    [ "deck" "kong.conf" "env" ]
  }

  def "nu-complete vaultiam kong render output" [] {
    [ "human" "json" ]
  }

  def "nu-complete vaultiam kong render color" [] {
    [ "auto" "always" "never" ]
  }

  # Write the vault that Kong reads its secrets from, and show how to name them
  export extern "vaultiam kong render" [
    --topology: string@"nu-complete vaultiam kong render topology" # Who logs in: a role shared with Vault's server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]
    --region: string          # AWS region; else the profile's, else the instance's [env: AWS_REGION, AWS_DEFAULT_REGION]
    --account-id: string      # AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]
    --login-role: string      # IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]
    --login-account-id: string # AWS account of the login role, when it is another
    --assume-role-arn: string # ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]
    --address: string         # Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]
    --allow-http              # Allow plain http to a host that is not this machine
    --namespace: string       # Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]
    --auth-mount: string      # Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]
    --auth-role: string       # Role of Vault's auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]
    --sts: string@"nu-complete vaultiam kong render sts" # Which STS endpoint Vault asks: the client's region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]
    --sts-region: string      # Region that is signed for Vault [env: VAULTIAM_STS_REGION]
    --ca-cert: path           # PEM file with the authorities that Vault's certificate is checked against [env: VAULT_CACERT, BAO_CACERT]
    --kv-mount: string        # Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)
    --kv-version: string@"nu-complete vaultiam kong render kv-version" # Version of the KV engine; found when it is not given
    --kv-prefix: string       # What Kong may read below the mount [default: kong/]
    --kv-namespace: string    # Namespace of the KV engine, when it is another
    --kong-prefix: string     # Prefix of Kong's vault entity [default: my-vault]
    --format: string@"nu-complete vaultiam kong render format" # What the file is for [default: deck]
    --output(-o): string@"nu-complete vaultiam kong render output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam kong render color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
    ...path: string           # Secret whose reference is wanted, as get takes it; else an example is shown
  ]

  def "nu-complete vaultiam teardown topology" [] {
    [ "article" "separate" "direct" ]
  }

  def "nu-complete vaultiam teardown workload" [] {
    [ "ec2" "ecs" "eks-pod-identity" "irsa" ]
  }

  def "nu-complete vaultiam teardown sts" [] {
    [ "client" "regional" "global" ]
  }

  def "nu-complete vaultiam teardown token-source" [] {
    [ "auto" "env" "stored" "aws" ]
  }

  def "nu-complete vaultiam teardown kv-version" [] {
    [ "1" "2" ]
  }

  def "nu-complete vaultiam teardown only" [] {
    [ "aws" "vault" ]
  }

  def "nu-complete vaultiam teardown output" [] {
    [ "human" "json" ]
  }

  def "nu-complete vaultiam teardown color" [] {
    [ "auto" "always" "never" ]
  }

  # Remove what setup made, and nothing else
  export extern "vaultiam teardown" [
    --stack: string           # Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]
    --topology: string@"nu-complete vaultiam teardown topology" # Who logs in: a role shared with Vault's server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]
    --region: string          # AWS region; else the profile's, else the instance's [env: AWS_REGION, AWS_DEFAULT_REGION]
    --profile: string         # AWS profile to take credentials from [env: AWS_PROFILE]
    --account-id: string      # AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]
    --kong-role: string       # IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]
    --login-role: string      # IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]
    --login-account-id: string # AWS account of the login role, when it is another
    --server-role: string     # IAM role that Vault's servers run with
    --assume-role-arn: string # ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]
    --external-id: string     # External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]
    --workload: string@"nu-complete vaultiam teardown workload" # What Kong runs on [default: ec2]
    --address: string         # Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]
    --allow-http              # Allow plain http to a host that is not this machine
    --namespace: string       # Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]
    --auth-mount: string      # Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]
    --auth-type: string       # Type of the auth method; OpenBao's plugin has a name of its own [default: aws]
    --auth-role: string       # Role of Vault's auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]
    --policy: string          # Vault policy of the token [default: kong-policy]
    --ttl: string             # How long a token lives [default: 1h]
    --max-ttl: string         # How long a token can be renewed [default: 24h]
    --server-id: string       # Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]
    --sts: string@"nu-complete vaultiam teardown sts" # Which STS endpoint Vault asks: the client's region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]
    --sts-region: string      # Region that is signed for Vault [env: VAULTIAM_STS_REGION]
    --ca-cert: path           # PEM file with the authorities that Vault's certificate is checked against [env: VAULT_CACERT, BAO_CACERT]
    --ca-path: directory      # Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]
    --client-cert: path       # PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]
    --client-key: path        # PEM file with the client certificate's key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]
    --tls-server-name: string # Name that Vault's certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]
    --skip-verify             # Do not check Vault's certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]
    --timeout: string         # Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]
    --max-retries: string     # How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]
    --token-source: string@"nu-complete vaultiam teardown token-source" # Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]
    --kv-mount: string        # Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)
    --kv-version: string@"nu-complete vaultiam teardown kv-version" # Version of the KV engine; found when it is not given
    --kv-prefix: string       # What Kong may read below the mount [default: kong/]
    --kv-namespace: string    # Namespace of the KV engine, when it is another
    --plan                    # Show the plan and change nothing; exit 3 if there are changes, 0 if none
    --yes(-y)                 # Make the changes without asking
    --only: string@"nu-complete vaultiam teardown only" # Look at and change one side only
    --explain                 # Show each look and each change as it happens
    --record: path            # Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it
    --delete-secrets: string  # Also delete this KV engine and every secret in it; without it none is touched
    --output(-o): string@"nu-complete vaultiam teardown output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam teardown color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
  ]

  def "nu-complete vaultiam explain code" [] {
    [ "AWS101" "AWS102" "AWS103" "AWS104" "AWS105" "AWS106" "AWS107" "AWS108" "AWS109" "AWS110" "AWS111" "AWS112" "AWS113" "AWS114" "AWS115" "AWS116" "AWS117" "AWS118" "AWS119" "AWS120" "AWS121" "AWS201" "AWS202" "AWS203" "AWS204" "AWS205" "AWS206" "AWS207" "AWS208" "AWS209" "AWS210" "AWS211" "AWS212" "AWS213" "AWS214" "AWS215" "AWS216" "AWS217" "AWS218" "AWS219" "AWS220" "AWS221" "AWS222" "AWS223" "AWS224" "AWS301" "AWS302" "AWS303" "AWS304" "AWS305" "AWS306" "AWS307" "AWS308" "AWS309" "AWS310" "AWS311" "AWS312" "SIG401" "SIG402" "SIG403" "SIG404" "SIG405" "SIG406" "SIG407" "SIG408" "SIG409" "SIG410" "SIG411" "SIG412" "SIG413" "SIG414" "SIG415" "VLT501" "VLT502" "VLT503" "VLT504" "VLT505" "VLT506" "VLT507" "VLT508" "VLT509" "VLT510" "VLT511" "VLT512" "VLT513" "VLT514" "VLT515" "VLT516" "VLT517" "VLT518" "VLT519" "VLT520" "VLT521" "VLT522" "VLT523" "VLT601" "VLT602" "VLT603" "VLT604" "VLT605" "VLT606" "VLT607" "VLT608" "VLT609" "VLT610" "VLT611" "VLT612" "VLT613" "VLT614" "VLT615" "VLT616" "VLT617" "VLT618" "VLT619" "VLT620" "VLT621" "VLT622" "VLT623" "VLT624" "VLT625" "VLT626" "VLT627" "VLT628" "VLT629" "VLT630" "VLT631" "VLT632" "VLT633" "VLT635" "VLT636" "VLT637" "VLT638" "VLT639" "VLT640" "VLT641" "VLT701" "VLT702" "VLT703" "VLT704" "VLT705" "VLT706" "VLT707" "VLT708" "VLT709" "VLT710" "VLT711" "VLT712" "VLT713" "VLT714" "VLT715" "VLT716" "VLT717" "VLT718" "VLT719" "VLT720" "VLT721" "VLT722" "VLT723" "VLT725" "SEC001" "SEC002" "SEC003" "SEC004" "SEC005" "SEC006" "SEC007" "SEC008" "SEC009" "SEC010" "SEC011" "CFG901" "CFG902" "CFG903" "CFG904" "CFG905" "CFG906" "CFG907" "CFG908" "CFG909" ]
  }

  def "nu-complete vaultiam explain output" [] {
    [ "human" "json" ]
  }

  def "nu-complete vaultiam explain color" [] {
    [ "auto" "always" "never" ]
  }

  # Say what a finding code means, or what a recorded run met, without a network
  export extern "vaultiam explain" [
    --list                    # List all codes
    --output(-o): string@"nu-complete vaultiam explain output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam explain color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help (see more with '--help')
    code?: string@"nu-complete vaultiam explain code" # A code such as VLT607, or a trace that --record wrote; - reads a trace from stdin
  ]

  def "nu-complete vaultiam completions shell" [] {
    [ "bash" "zsh" "fish" "powershell" "elvish" "nushell" ]
  }

  def "nu-complete vaultiam completions output" [] {
    [ "human" ]
  }

  def "nu-complete vaultiam completions color" [] {
    [ "auto" "always" "never" ]
  }

  # Print what makes a shell complete commands, options and their values
  export extern "vaultiam completions" [
    --output(-o): string@"nu-complete vaultiam completions output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam completions color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
    shell: string@"nu-complete vaultiam completions shell" # bash, zsh, fish, powershell, elvish or nushell
  ]

  def "nu-complete vaultiam man output" [] {
    [ "human" ]
  }

  def "nu-complete vaultiam man color" [] {
    [ "auto" "always" "never" ]
  }

  # Print a man page, or write them all
  export extern "vaultiam man" [
    --dir: directory          # Write every page into DIR, which is made if it is missing
    --output(-o): string@"nu-complete vaultiam man output" # Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]
    --config: path            # Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]
    --quiet(-q)               # Print only the answer, and errors in one line
    --verbose(-v)             # Show more: with --explain, the command that does each step by hand
    --color: string@"nu-complete vaultiam man color" # Colour: auto, always, never [default: auto]
    --no-input                # Never ask
    --no-progress             # Show no spinner
    --help(-h)                # Print help
    ...command: string        # Command whose page is meant; none: the page of vaultiam itself
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vaultiam help" [
  ]

  # Write a settings file that explains every setting
  export extern "vaultiam help init" [
  ]

  # Provision the IAM roles, and Vault's auth method, role, policy and KV engine
  export extern "vaultiam help setup" [
  ]

  # Check the whole chain from both sides: would Kong get in and read its secrets?
  export extern "vaultiam help check" [
  ]

  # Log in to Vault with AWS credentials
  export extern "vaultiam help login" [
  ]

  # Read secrets from the KV engine
  export extern "vaultiam help get" [
  ]

  # Write a secret to the KV engine
  export extern "vaultiam help put" [
  ]

  # Kong's own configuration for this login
  export extern "vaultiam help kong" [
  ]

  # Write the vault that Kong reads its secrets from, and show how to name them
  export extern "vaultiam help kong render" [
  ]

  # Remove what setup made, and nothing else
  export extern "vaultiam help teardown" [
  ]

  # Say what a finding code means, or what a recorded run met, without a network
  export extern "vaultiam help explain" [
  ]

  # Print what makes a shell complete commands, options and their values
  export extern "vaultiam help completions" [
  ]

  # Print a man page, or write them all
  export extern "vaultiam help man" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "vaultiam help help" [
  ]

}

export use completions *
