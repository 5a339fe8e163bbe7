
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'vaultiam' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'vaultiam'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'vaultiam' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always, never [default: auto]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no spinner')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a settings file that explains every setting')
            [CompletionResult]::new('setup', 'setup', [CompletionResultType]::ParameterValue, 'Provision the IAM roles, and Vault''s auth method, role, policy and KV engine')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in to Vault with AWS credentials')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Read secrets from the KV engine')
            [CompletionResult]::new('teardown', 'teardown', [CompletionResultType]::ParameterValue, 'Remove what setup made, and nothing else')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say what a finding code means, without a network')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print what makes a shell complete commands, options and their values')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a man page, or write them all')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vaultiam;init' {
            [CompletionResult]::new('--stack', '--stack', [CompletionResultType]::ParameterName, 'Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]')
            [CompletionResult]::new('--topology', '--topology', [CompletionResultType]::ParameterName, 'Who logs in: a role shared with Vault''s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'AWS region; else the profile''s, else the instance''s [env: AWS_REGION, AWS_DEFAULT_REGION]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'AWS profile to take credentials from [env: AWS_PROFILE]')
            [CompletionResult]::new('--account-id', '--account-id', [CompletionResultType]::ParameterName, 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]')
            [CompletionResult]::new('--kong-role', '--kong-role', [CompletionResultType]::ParameterName, 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]')
            [CompletionResult]::new('--login-role', '--login-role', [CompletionResultType]::ParameterName, 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]')
            [CompletionResult]::new('--login-account-id', '--login-account-id', [CompletionResultType]::ParameterName, 'AWS account of the login role, when it is another')
            [CompletionResult]::new('--server-role', '--server-role', [CompletionResultType]::ParameterName, 'IAM role that Vault''s servers run with')
            [CompletionResult]::new('--assume-role-arn', '--assume-role-arn', [CompletionResultType]::ParameterName, 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]')
            [CompletionResult]::new('--external-id', '--external-id', [CompletionResultType]::ParameterName, 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]')
            [CompletionResult]::new('--session-name', '--session-name', [CompletionResultType]::ParameterName, 'Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]')
            [CompletionResult]::new('--session-policy', '--session-policy', [CompletionResultType]::ParameterName, 'Policy for the session: deny-all, none, or a file; Vault''s login needs no permission [default: deny-all]')
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'What Kong runs on [default: ec2]')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]')
            [CompletionResult]::new('--auth-mount', '--auth-mount', [CompletionResultType]::ParameterName, 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]')
            [CompletionResult]::new('--auth-type', '--auth-type', [CompletionResultType]::ParameterName, 'Type of the auth method; OpenBao''s plugin has a name of its own [default: aws]')
            [CompletionResult]::new('--auth-role', '--auth-role', [CompletionResultType]::ParameterName, 'Role of Vault''s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Vault policy of the token [default: kong-policy]')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'How long a token lives [default: 1h]')
            [CompletionResult]::new('--max-ttl', '--max-ttl', [CompletionResultType]::ParameterName, 'How long a token can be renewed [default: 24h]')
            [CompletionResult]::new('--server-id', '--server-id', [CompletionResultType]::ParameterName, 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]')
            [CompletionResult]::new('--sts', '--sts', [CompletionResultType]::ParameterName, 'Which STS endpoint Vault asks: the client''s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]')
            [CompletionResult]::new('--sts-region', '--sts-region', [CompletionResultType]::ParameterName, 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file with the authorities that Vault''s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'PEM file with the client certificate''s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name that Vault''s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--max-retries', '--max-retries', [CompletionResultType]::ParameterName, 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]')
            [CompletionResult]::new('--token-source', '--token-source', [CompletionResultType]::ParameterName, 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]')
            [CompletionResult]::new('--kv-mount', '--kv-mount', [CompletionResultType]::ParameterName, 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)')
            [CompletionResult]::new('--kv-version', '--kv-version', [CompletionResultType]::ParameterName, 'Version of the KV engine; found when it is not given')
            [CompletionResult]::new('--kv-prefix', '--kv-prefix', [CompletionResultType]::ParameterName, 'What Kong may read below the mount [default: kong/]')
            [CompletionResult]::new('--kv-namespace', '--kv-namespace', [CompletionResultType]::ParameterName, 'Namespace of the KV engine, when it is another')
            [CompletionResult]::new('--kong-prefix', '--kong-prefix', [CompletionResultType]::ParameterName, 'Prefix of Kong''s vault entity [default: my-vault]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always, never [default: auto]')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Allow plain http to a host that is not this machine')
            [CompletionResult]::new('--skip-verify', '--skip-verify', [CompletionResultType]::ParameterName, 'Do not check Vault''s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file that is there, without reading it')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no spinner')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vaultiam;setup' {
            [CompletionResult]::new('--stack', '--stack', [CompletionResultType]::ParameterName, 'Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]')
            [CompletionResult]::new('--topology', '--topology', [CompletionResultType]::ParameterName, 'Who logs in: a role shared with Vault''s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'AWS region; else the profile''s, else the instance''s [env: AWS_REGION, AWS_DEFAULT_REGION]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'AWS profile to take credentials from [env: AWS_PROFILE]')
            [CompletionResult]::new('--account-id', '--account-id', [CompletionResultType]::ParameterName, 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]')
            [CompletionResult]::new('--kong-role', '--kong-role', [CompletionResultType]::ParameterName, 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]')
            [CompletionResult]::new('--login-role', '--login-role', [CompletionResultType]::ParameterName, 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]')
            [CompletionResult]::new('--login-account-id', '--login-account-id', [CompletionResultType]::ParameterName, 'AWS account of the login role, when it is another')
            [CompletionResult]::new('--server-role', '--server-role', [CompletionResultType]::ParameterName, 'IAM role that Vault''s servers run with')
            [CompletionResult]::new('--assume-role-arn', '--assume-role-arn', [CompletionResultType]::ParameterName, 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]')
            [CompletionResult]::new('--external-id', '--external-id', [CompletionResultType]::ParameterName, 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]')
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'What Kong runs on [default: ec2]')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]')
            [CompletionResult]::new('--auth-mount', '--auth-mount', [CompletionResultType]::ParameterName, 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]')
            [CompletionResult]::new('--auth-type', '--auth-type', [CompletionResultType]::ParameterName, 'Type of the auth method; OpenBao''s plugin has a name of its own [default: aws]')
            [CompletionResult]::new('--auth-role', '--auth-role', [CompletionResultType]::ParameterName, 'Role of Vault''s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Vault policy of the token [default: kong-policy]')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'How long a token lives [default: 1h]')
            [CompletionResult]::new('--max-ttl', '--max-ttl', [CompletionResultType]::ParameterName, 'How long a token can be renewed [default: 24h]')
            [CompletionResult]::new('--server-id', '--server-id', [CompletionResultType]::ParameterName, 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]')
            [CompletionResult]::new('--sts', '--sts', [CompletionResultType]::ParameterName, 'Which STS endpoint Vault asks: the client''s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]')
            [CompletionResult]::new('--sts-region', '--sts-region', [CompletionResultType]::ParameterName, 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file with the authorities that Vault''s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'PEM file with the client certificate''s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name that Vault''s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--max-retries', '--max-retries', [CompletionResultType]::ParameterName, 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]')
            [CompletionResult]::new('--token-source', '--token-source', [CompletionResultType]::ParameterName, 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]')
            [CompletionResult]::new('--kv-mount', '--kv-mount', [CompletionResultType]::ParameterName, 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)')
            [CompletionResult]::new('--kv-version', '--kv-version', [CompletionResultType]::ParameterName, 'Version of the KV engine; found when it is not given')
            [CompletionResult]::new('--kv-prefix', '--kv-prefix', [CompletionResultType]::ParameterName, 'What Kong may read below the mount [default: kong/]')
            [CompletionResult]::new('--kv-namespace', '--kv-namespace', [CompletionResultType]::ParameterName, 'Namespace of the KV engine, when it is another')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Look at and change one side only')
            [CompletionResult]::new('--adopt', '--adopt', [CompletionResultType]::ParameterName, 'Take over a resource that is not ours, as the plan names it; may be given again')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always, never [default: auto]')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Allow plain http to a host that is not this machine')
            [CompletionResult]::new('--skip-verify', '--skip-verify', [CompletionResultType]::ParameterName, 'Do not check Vault''s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Show the plan and change nothing; exit 3 if there are changes, 0 if none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Show each look and each change as it happens')
            [CompletionResult]::new('--accept-recreated', '--accept-recreated', [CompletionResultType]::ParameterName, 'Trust a role again that was made anew under its old name; --yes alone does not')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no spinner')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vaultiam;login' {
            [CompletionResult]::new('--topology', '--topology', [CompletionResultType]::ParameterName, 'Who logs in: a role shared with Vault''s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'AWS region; else the profile''s, else the instance''s [env: AWS_REGION, AWS_DEFAULT_REGION]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'AWS profile to take credentials from [env: AWS_PROFILE]')
            [CompletionResult]::new('--account-id', '--account-id', [CompletionResultType]::ParameterName, 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]')
            [CompletionResult]::new('--kong-role', '--kong-role', [CompletionResultType]::ParameterName, 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]')
            [CompletionResult]::new('--login-role', '--login-role', [CompletionResultType]::ParameterName, 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]')
            [CompletionResult]::new('--login-account-id', '--login-account-id', [CompletionResultType]::ParameterName, 'AWS account of the login role, when it is another')
            [CompletionResult]::new('--assume-role-arn', '--assume-role-arn', [CompletionResultType]::ParameterName, 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]')
            [CompletionResult]::new('--external-id', '--external-id', [CompletionResultType]::ParameterName, 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]')
            [CompletionResult]::new('--session-name', '--session-name', [CompletionResultType]::ParameterName, 'Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]')
            [CompletionResult]::new('--session-policy', '--session-policy', [CompletionResultType]::ParameterName, 'Policy for the session: deny-all, none, or a file; Vault''s login needs no permission [default: deny-all]')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]')
            [CompletionResult]::new('--auth-mount', '--auth-mount', [CompletionResultType]::ParameterName, 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]')
            [CompletionResult]::new('--auth-role', '--auth-role', [CompletionResultType]::ParameterName, 'Role of Vault''s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Role of Vault''s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]')
            [CompletionResult]::new('--server-id', '--server-id', [CompletionResultType]::ParameterName, 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]')
            [CompletionResult]::new('--sts', '--sts', [CompletionResultType]::ParameterName, 'Which STS endpoint Vault asks: the client''s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]')
            [CompletionResult]::new('--sts-region', '--sts-region', [CompletionResultType]::ParameterName, 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file with the authorities that Vault''s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'PEM file with the client certificate''s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name that Vault''s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--max-retries', '--max-retries', [CompletionResultType]::ParameterName, 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]')
            [CompletionResult]::new('--record', '--record', [CompletionResultType]::ParameterName, 'Write the trace to FILE as JSON, without secrets')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always, never [default: auto]')
            [CompletionResult]::new('--no-assume', '--no-assume', [CompletionResultType]::ParameterName, 'Assume no role: log in with the credentials as they are')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Allow plain http to a host that is not this machine')
            [CompletionResult]::new('--skip-verify', '--skip-verify', [CompletionResultType]::ParameterName, 'Do not check Vault''s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Show each step as it happens; on failure, say who refused and why')
            [CompletionResult]::new('--token-only', '--token-only', [CompletionResultType]::ParameterName, 'Print the bare token and store nothing')
            [CompletionResult]::new('--show-token', '--show-token', [CompletionResultType]::ParameterName, 'Show the token in the table or document')
            [CompletionResult]::new('--no-store', '--no-store', [CompletionResultType]::ParameterName, 'Store nothing; the token is revoked at the end unless it is printed')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace a stored token even if it is alive and somebody else''s')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no spinner')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vaultiam;get' {
            [CompletionResult]::new('--topology', '--topology', [CompletionResultType]::ParameterName, 'Who logs in: a role shared with Vault''s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'AWS region; else the profile''s, else the instance''s [env: AWS_REGION, AWS_DEFAULT_REGION]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'AWS profile to take credentials from [env: AWS_PROFILE]')
            [CompletionResult]::new('--account-id', '--account-id', [CompletionResultType]::ParameterName, 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]')
            [CompletionResult]::new('--kong-role', '--kong-role', [CompletionResultType]::ParameterName, 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]')
            [CompletionResult]::new('--login-role', '--login-role', [CompletionResultType]::ParameterName, 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]')
            [CompletionResult]::new('--login-account-id', '--login-account-id', [CompletionResultType]::ParameterName, 'AWS account of the login role, when it is another')
            [CompletionResult]::new('--assume-role-arn', '--assume-role-arn', [CompletionResultType]::ParameterName, 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]')
            [CompletionResult]::new('--external-id', '--external-id', [CompletionResultType]::ParameterName, 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]')
            [CompletionResult]::new('--session-name', '--session-name', [CompletionResultType]::ParameterName, 'Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]')
            [CompletionResult]::new('--session-policy', '--session-policy', [CompletionResultType]::ParameterName, 'Policy for the session: deny-all, none, or a file; Vault''s login needs no permission [default: deny-all]')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]')
            [CompletionResult]::new('--auth-mount', '--auth-mount', [CompletionResultType]::ParameterName, 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]')
            [CompletionResult]::new('--auth-role', '--auth-role', [CompletionResultType]::ParameterName, 'Role of Vault''s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]')
            [CompletionResult]::new('--server-id', '--server-id', [CompletionResultType]::ParameterName, 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]')
            [CompletionResult]::new('--sts', '--sts', [CompletionResultType]::ParameterName, 'Which STS endpoint Vault asks: the client''s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]')
            [CompletionResult]::new('--sts-region', '--sts-region', [CompletionResultType]::ParameterName, 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file with the authorities that Vault''s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'PEM file with the client certificate''s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name that Vault''s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--max-retries', '--max-retries', [CompletionResultType]::ParameterName, 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]')
            [CompletionResult]::new('--token-source', '--token-source', [CompletionResultType]::ParameterName, 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]')
            [CompletionResult]::new('--kv-mount', '--kv-mount', [CompletionResultType]::ParameterName, 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)')
            [CompletionResult]::new('--kv-version', '--kv-version', [CompletionResultType]::ParameterName, 'Version of the KV engine; found when it is not given')
            [CompletionResult]::new('--kv-namespace', '--kv-namespace', [CompletionResultType]::ParameterName, 'Namespace of the KV engine, when it is another')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Print the bare value of this field')
            [CompletionResult]::new('--field', '--field', [CompletionResultType]::ParameterName, 'Print the bare value of this field')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Read this version (KV version 2)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always, never [default: auto]')
            [CompletionResult]::new('--no-assume', '--no-assume', [CompletionResultType]::ParameterName, 'Assume no role: log in with the credentials as they are')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Allow plain http to a host that is not this machine')
            [CompletionResult]::new('--skip-verify', '--skip-verify', [CompletionResultType]::ParameterName, 'Do not check Vault''s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Log in through AWS and show each step')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no spinner')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vaultiam;teardown' {
            [CompletionResult]::new('--stack', '--stack', [CompletionResultType]::ParameterName, 'Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]')
            [CompletionResult]::new('--topology', '--topology', [CompletionResultType]::ParameterName, 'Who logs in: a role shared with Vault''s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]')
            [CompletionResult]::new('--region', '--region', [CompletionResultType]::ParameterName, 'AWS region; else the profile''s, else the instance''s [env: AWS_REGION, AWS_DEFAULT_REGION]')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'AWS profile to take credentials from [env: AWS_PROFILE]')
            [CompletionResult]::new('--account-id', '--account-id', [CompletionResultType]::ParameterName, 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]')
            [CompletionResult]::new('--kong-role', '--kong-role', [CompletionResultType]::ParameterName, 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]')
            [CompletionResult]::new('--login-role', '--login-role', [CompletionResultType]::ParameterName, 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]')
            [CompletionResult]::new('--login-account-id', '--login-account-id', [CompletionResultType]::ParameterName, 'AWS account of the login role, when it is another')
            [CompletionResult]::new('--server-role', '--server-role', [CompletionResultType]::ParameterName, 'IAM role that Vault''s servers run with')
            [CompletionResult]::new('--assume-role-arn', '--assume-role-arn', [CompletionResultType]::ParameterName, 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]')
            [CompletionResult]::new('--external-id', '--external-id', [CompletionResultType]::ParameterName, 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]')
            [CompletionResult]::new('--workload', '--workload', [CompletionResultType]::ParameterName, 'What Kong runs on [default: ec2]')
            [CompletionResult]::new('--address', '--address', [CompletionResultType]::ParameterName, 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]')
            [CompletionResult]::new('--auth-mount', '--auth-mount', [CompletionResultType]::ParameterName, 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]')
            [CompletionResult]::new('--auth-type', '--auth-type', [CompletionResultType]::ParameterName, 'Type of the auth method; OpenBao''s plugin has a name of its own [default: aws]')
            [CompletionResult]::new('--auth-role', '--auth-role', [CompletionResultType]::ParameterName, 'Role of Vault''s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]')
            [CompletionResult]::new('--policy', '--policy', [CompletionResultType]::ParameterName, 'Vault policy of the token [default: kong-policy]')
            [CompletionResult]::new('--ttl', '--ttl', [CompletionResultType]::ParameterName, 'How long a token lives [default: 1h]')
            [CompletionResult]::new('--max-ttl', '--max-ttl', [CompletionResultType]::ParameterName, 'How long a token can be renewed [default: 24h]')
            [CompletionResult]::new('--server-id', '--server-id', [CompletionResultType]::ParameterName, 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]')
            [CompletionResult]::new('--sts', '--sts', [CompletionResultType]::ParameterName, 'Which STS endpoint Vault asks: the client''s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]')
            [CompletionResult]::new('--sts-region', '--sts-region', [CompletionResultType]::ParameterName, 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'PEM file with the authorities that Vault''s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]')
            [CompletionResult]::new('--ca-path', '--ca-path', [CompletionResultType]::ParameterName, 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]')
            [CompletionResult]::new('--client-cert', '--client-cert', [CompletionResultType]::ParameterName, 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]')
            [CompletionResult]::new('--client-key', '--client-key', [CompletionResultType]::ParameterName, 'PEM file with the client certificate''s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]')
            [CompletionResult]::new('--tls-server-name', '--tls-server-name', [CompletionResultType]::ParameterName, 'Name that Vault''s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]')
            [CompletionResult]::new('--max-retries', '--max-retries', [CompletionResultType]::ParameterName, 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]')
            [CompletionResult]::new('--token-source', '--token-source', [CompletionResultType]::ParameterName, 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]')
            [CompletionResult]::new('--kv-mount', '--kv-mount', [CompletionResultType]::ParameterName, 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)')
            [CompletionResult]::new('--kv-version', '--kv-version', [CompletionResultType]::ParameterName, 'Version of the KV engine; found when it is not given')
            [CompletionResult]::new('--kv-prefix', '--kv-prefix', [CompletionResultType]::ParameterName, 'What Kong may read below the mount [default: kong/]')
            [CompletionResult]::new('--kv-namespace', '--kv-namespace', [CompletionResultType]::ParameterName, 'Namespace of the KV engine, when it is another')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Look at and change one side only')
            [CompletionResult]::new('--delete-secrets', '--delete-secrets', [CompletionResultType]::ParameterName, 'Also delete this KV engine and every secret in it; without it none is touched')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always, never [default: auto]')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Allow plain http to a host that is not this machine')
            [CompletionResult]::new('--skip-verify', '--skip-verify', [CompletionResultType]::ParameterName, 'Do not check Vault''s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]')
            [CompletionResult]::new('--plan', '--plan', [CompletionResultType]::ParameterName, 'Show the plan and change nothing; exit 3 if there are changes, 0 if none')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the changes without asking')
            [CompletionResult]::new('--explain', '--explain', [CompletionResultType]::ParameterName, 'Show each look and each change as it happens')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no spinner')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vaultiam;explain' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always, never [default: auto]')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List all codes')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no spinner')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'vaultiam;completions' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no spinner')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vaultiam;man' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write every page into DIR, which is made if it is missing')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell [default: human]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always, never [default: auto]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the answer, and errors in one line')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: with --explain, the command that does each step by hand')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask')
            [CompletionResult]::new('--no-progress', '--no-progress', [CompletionResultType]::ParameterName, 'Show no spinner')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'vaultiam;help' {
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Write a settings file that explains every setting')
            [CompletionResult]::new('setup', 'setup', [CompletionResultType]::ParameterValue, 'Provision the IAM roles, and Vault''s auth method, role, policy and KV engine')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in to Vault with AWS credentials')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Read secrets from the KV engine')
            [CompletionResult]::new('teardown', 'teardown', [CompletionResultType]::ParameterValue, 'Remove what setup made, and nothing else')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Say what a finding code means, without a network')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print what makes a shell complete commands, options and their values')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a man page, or write them all')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'vaultiam;help;init' {
            break
        }
        'vaultiam;help;setup' {
            break
        }
        'vaultiam;help;login' {
            break
        }
        'vaultiam;help;get' {
            break
        }
        'vaultiam;help;teardown' {
            break
        }
        'vaultiam;help;explain' {
            break
        }
        'vaultiam;help;completions' {
            break
        }
        'vaultiam;help;man' {
            break
        }
        'vaultiam;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
