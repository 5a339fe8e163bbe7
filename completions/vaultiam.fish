# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_vaultiam_global_optspecs
    string join \n config= q/quiet v/verbose color= no-input no-progress o/output= h/help V/version
end

function __fish_vaultiam_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_vaultiam_global_optspecs) -- $cmd 2>/dev/null
    or return 0
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_vaultiam_using_subcommand
    set -l cmd (__fish_vaultiam_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c vaultiam -n "__fish_vaultiam_needs_command" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_needs_command" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_needs_command" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''
junit\t''
sarif\t''
prometheus\t''
table\t''
raw\t''
yaml\t''
dotenv\t''
shell\t''"
complete -c vaultiam -n "__fish_vaultiam_needs_command" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -s V -l version -d 'Print version'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "init" -d 'Write a settings file that explains every setting'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "setup" -d 'Provision the IAM roles, and Vault\'s auth method, role, policy and KV engine'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "check" -d 'Check the whole chain from both sides: would Kong get in and read its secrets?'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "login" -d 'Log in to Vault with AWS credentials'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "get" -d 'Read secrets from the KV engine'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "put" -d 'Write a secret to the KV engine'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "kong" -d 'Kong\'s own configuration for this login'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "teardown" -d 'Remove what setup made, and nothing else'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "explain" -d 'Say what a finding code means, or what a recorded run met, without a network'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "completions" -d 'Print what makes a shell complete commands, options and their values'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "man" -d 'Print a man page, or write them all'
complete -c vaultiam -n "__fish_vaultiam_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l stack -d 'Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l topology -d 'Who logs in: a role shared with Vault\'s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]' -r -f -a "article\t''
separate\t''
direct\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l region -d 'AWS region; else the profile\'s, else the instance\'s [env: AWS_REGION, AWS_DEFAULT_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l profile -d 'AWS profile to take credentials from [env: AWS_PROFILE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l account-id -d 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l kong-role -d 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l login-role -d 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l login-account-id -d 'AWS account of the login role, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l server-role -d 'IAM role that Vault\'s servers run with' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l assume-role-arn -d 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l external-id -d 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l session-name -d 'Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l session-policy -d 'Policy for the session: deny-all, none, or a file; Vault\'s login needs no permission [default: deny-all]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l workload -d 'What Kong runs on [default: ec2]' -r -f -a "ec2\t''
ecs\t''
eks-pod-identity\t''
irsa\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l address -d 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l namespace -d 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l auth-mount -d 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l auth-type -d 'Type of the auth method; OpenBao\'s plugin has a name of its own [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l auth-role -d 'Role of Vault\'s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l policy -d 'Vault policy of the token [default: kong-policy]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l ttl -d 'How long a token lives [default: 1h]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l max-ttl -d 'How long a token can be renewed [default: 24h]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l server-id -d 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l sts -d 'Which STS endpoint Vault asks: the client\'s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]' -r -f -a "client\t''
regional\t''
global\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l sts-region -d 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l ca-cert -d 'PEM file with the authorities that Vault\'s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l ca-path -d 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]' -r -f -a "(__fish_complete_directories)"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l client-cert -d 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l client-key -d 'PEM file with the client certificate\'s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l tls-server-name -d 'Name that Vault\'s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l timeout -d 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l max-retries -d 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l token-source -d 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]' -r -f -a "auto\t''
env\t''
stored\t''
aws\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l kv-mount -d 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l kv-version -d 'Version of the KV engine; found when it is not given' -r -f -a "1\t''
2\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l kv-prefix -d 'What Kong may read below the mount [default: kong/]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l kv-namespace -d 'Namespace of the KV engine, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l kong-prefix -d 'Prefix of Kong\'s vault entity [default: my-vault]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l allow-http -d 'Allow plain http to a host that is not this machine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l skip-verify -d 'Do not check Vault\'s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l force -d 'Replace the file that is there, without reading it'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand init" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l stack -d 'Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l topology -d 'Who logs in: a role shared with Vault\'s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]' -r -f -a "article\t''
separate\t''
direct\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l region -d 'AWS region; else the profile\'s, else the instance\'s [env: AWS_REGION, AWS_DEFAULT_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l profile -d 'AWS profile to take credentials from [env: AWS_PROFILE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l account-id -d 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l kong-role -d 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l login-role -d 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l login-account-id -d 'AWS account of the login role, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l server-role -d 'IAM role that Vault\'s servers run with' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l assume-role-arn -d 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l external-id -d 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l workload -d 'What Kong runs on [default: ec2]' -r -f -a "ec2\t''
ecs\t''
eks-pod-identity\t''
irsa\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l address -d 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l namespace -d 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l auth-mount -d 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l auth-type -d 'Type of the auth method; OpenBao\'s plugin has a name of its own [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l auth-role -d 'Role of Vault\'s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l policy -d 'Vault policy of the token [default: kong-policy]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l ttl -d 'How long a token lives [default: 1h]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l max-ttl -d 'How long a token can be renewed [default: 24h]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l server-id -d 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l sts -d 'Which STS endpoint Vault asks: the client\'s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]' -r -f -a "client\t''
regional\t''
global\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l sts-region -d 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l ca-cert -d 'PEM file with the authorities that Vault\'s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l ca-path -d 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]' -r -f -a "(__fish_complete_directories)"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l client-cert -d 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l client-key -d 'PEM file with the client certificate\'s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l tls-server-name -d 'Name that Vault\'s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l timeout -d 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l max-retries -d 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l token-source -d 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]' -r -f -a "auto\t''
env\t''
stored\t''
aws\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l kv-mount -d 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l kv-version -d 'Version of the KV engine; found when it is not given' -r -f -a "1\t''
2\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l kv-prefix -d 'What Kong may read below the mount [default: kong/]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l kv-namespace -d 'Namespace of the KV engine, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l only -d 'Look at and change one side only' -r -f -a "aws\t''
vault\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l record -d 'Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l adopt -d 'Take over a resource that is not ours, as the plan names it; may be given again' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l allow-http -d 'Allow plain http to a host that is not this machine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l skip-verify -d 'Do not check Vault\'s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l plan -d 'Show the plan and change nothing; exit 3 if there are changes, 0 if none'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -s y -l yes -d 'Make the changes without asking'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l explain -d 'Show each look and each change as it happens'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l accept-recreated -d 'Trust a role again that was made anew under its old name; --yes alone does not'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand setup" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l stack -d 'Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l topology -d 'Who logs in: a role shared with Vault\'s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]' -r -f -a "article\t''
separate\t''
direct\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l region -d 'AWS region; else the profile\'s, else the instance\'s [env: AWS_REGION, AWS_DEFAULT_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l profile -d 'AWS profile to take credentials from [env: AWS_PROFILE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l account-id -d 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l kong-role -d 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l login-role -d 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l login-account-id -d 'AWS account of the login role, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l server-role -d 'IAM role that Vault\'s servers run with' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l assume-role-arn -d 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l external-id -d 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l session-name -d 'Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l session-policy -d 'Policy for the session: deny-all, none, or a file; Vault\'s login needs no permission [default: deny-all]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l workload -d 'What Kong runs on [default: ec2]' -r -f -a "ec2\t''
ecs\t''
eks-pod-identity\t''
irsa\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l address -d 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l namespace -d 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l auth-mount -d 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l auth-type -d 'Type of the auth method; OpenBao\'s plugin has a name of its own [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l auth-role -d 'Role of Vault\'s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l policy -d 'Vault policy of the token [default: kong-policy]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l ttl -d 'How long a token lives [default: 1h]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l max-ttl -d 'How long a token can be renewed [default: 24h]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l server-id -d 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l sts -d 'Which STS endpoint Vault asks: the client\'s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]' -r -f -a "client\t''
regional\t''
global\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l sts-region -d 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l ca-cert -d 'PEM file with the authorities that Vault\'s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l ca-path -d 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]' -r -f -a "(__fish_complete_directories)"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l client-cert -d 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l client-key -d 'PEM file with the client certificate\'s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l tls-server-name -d 'Name that Vault\'s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l timeout -d 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l max-retries -d 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l token-source -d 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]' -r -f -a "auto\t''
env\t''
stored\t''
aws\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l kv-mount -d 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l kv-version -d 'Version of the KV engine; found when it is not given' -r -f -a "1\t''
2\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l kv-prefix -d 'What Kong may read below the mount [default: kong/]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l kv-namespace -d 'Namespace of the KV engine, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l only -d 'Run this check or category alone, and what it needs; several with commas, or given again. If it is skipped, exit 9' -r -f -a "settings\t'the settings'
clock\t'the clock'
aws\t'AWS: who asks, KongRole, VaultRole'
vault\t'Vault: the way to it'
auth\t'Vault\'s auth method and its role'
policy\t'Vault\'s policies'
kv\t'the KV engine'
login\t'a real login, as whoever runs this'
sec\t'the security of the set-up'
settings.region\t'a region is known'
settings.complete\t'the settings describe a set-up without contradiction'
settings.ambient\t'no variable of another program says something else than the file'
clock.skew\t'this machine\'s clock agrees with AWS\'s'
aws.credentials\t'AWS credentials are found'
aws.caller\t'STS takes the credentials and says whose they are'
aws.kong-role\t'KongRole exists'
aws.workload\t'KongRole trusts the service that Kong runs on'
aws.profile\t'an instance profile holds KongRole'
aws.assume\t'KongRole\'s policies let it assume VaultRole'
aws.login-role\t'VaultRole exists'
aws.trust\t'VaultRole trusts KongRole'
aws.server\t'the role of Vault\'s servers may look up the role that is bound'
vault.reachable\t'Vault answers at its address'
vault.tls\t'Vault\'s certificate is one to be trusted'
vault.ready\t'Vault is initialised, unsealed and has an active node'
vault.version\t'Vault is new enough for the settings'
auth.method\t'an aws auth method is mounted at the path'
auth.config\t'Vault asks the STS that the login is signed for'
auth.server-id\t'Vault wants the server id that is sent, or none'
auth.role\t'the role exists and takes signed requests (type iam)'
auth.binding\t'the role binds the identity that logs in'
auth.policies\t'the policies that the role hands out exist'
auth.tokens\t'the role\'s tokens can be used as often as Kong needs'
policy.read\t'the policies grant reading the paths'
kv.engine\t'a KV engine is mounted where the paths lie'
kv.version\t'the KV engine has the version of the settings'
login.assume\t'the credentials at hand get a session of VaultRole'
login.vault\t'a real login gets a token'
login.read\t'its token may read the paths'
sec.trust\t'nobody but those who need them may have the roles'
sec.identity\t'Kong has another identity than Vault\'s servers'
sec.policy\t'the policies grant reading the prefix and nothing else'
sec.http\t'the way to Vault is encrypted'
sec.tls\t'Vault\'s certificate is checked'
sec.keys\t'no static AWS key lies in config/client'
sec.server-id\t'a captured login works on this Vault alone'
sec.lifetime\t'tokens live no longer than a day'
sec.root\t'no root token is in use'
sec.audit\t'Vault writes an audit log'
sec.files\t'the token file is readable by its owner alone'"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l skip -d 'Leave out this check or category; several with commas, or given again' -r -f -a "settings\t'the settings'
clock\t'the clock'
aws\t'AWS: who asks, KongRole, VaultRole'
vault\t'Vault: the way to it'
auth\t'Vault\'s auth method and its role'
policy\t'Vault\'s policies'
kv\t'the KV engine'
login\t'a real login, as whoever runs this'
sec\t'the security of the set-up'
settings.region\t'a region is known'
settings.complete\t'the settings describe a set-up without contradiction'
settings.ambient\t'no variable of another program says something else than the file'
clock.skew\t'this machine\'s clock agrees with AWS\'s'
aws.credentials\t'AWS credentials are found'
aws.caller\t'STS takes the credentials and says whose they are'
aws.kong-role\t'KongRole exists'
aws.workload\t'KongRole trusts the service that Kong runs on'
aws.profile\t'an instance profile holds KongRole'
aws.assume\t'KongRole\'s policies let it assume VaultRole'
aws.login-role\t'VaultRole exists'
aws.trust\t'VaultRole trusts KongRole'
aws.server\t'the role of Vault\'s servers may look up the role that is bound'
vault.reachable\t'Vault answers at its address'
vault.tls\t'Vault\'s certificate is one to be trusted'
vault.ready\t'Vault is initialised, unsealed and has an active node'
vault.version\t'Vault is new enough for the settings'
auth.method\t'an aws auth method is mounted at the path'
auth.config\t'Vault asks the STS that the login is signed for'
auth.server-id\t'Vault wants the server id that is sent, or none'
auth.role\t'the role exists and takes signed requests (type iam)'
auth.binding\t'the role binds the identity that logs in'
auth.policies\t'the policies that the role hands out exist'
auth.tokens\t'the role\'s tokens can be used as often as Kong needs'
policy.read\t'the policies grant reading the paths'
kv.engine\t'a KV engine is mounted where the paths lie'
kv.version\t'the KV engine has the version of the settings'
login.assume\t'the credentials at hand get a session of VaultRole'
login.vault\t'a real login gets a token'
login.read\t'its token may read the paths'
sec.trust\t'nobody but those who need them may have the roles'
sec.identity\t'Kong has another identity than Vault\'s servers'
sec.policy\t'the policies grant reading the prefix and nothing else'
sec.http\t'the way to Vault is encrypted'
sec.tls\t'Vault\'s certificate is checked'
sec.keys\t'no static AWS key lies in config/client'
sec.server-id\t'a captured login works on this Vault alone'
sec.lifetime\t'tokens live no longer than a day'
sec.root\t'no root token is in use'
sec.audit\t'Vault writes an audit log'
sec.files\t'the token file is readable by its owner alone'"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l wait -d 'Check again until nothing fails or this time is over, such as 5m' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l admin-profile -d 'Read IAM\'s documents with this AWS profile' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l record -d 'Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''
junit\t''
sarif\t''
prometheus\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l allow-http -d 'Allow plain http to a host that is not this machine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l skip-verify -d 'Do not check Vault\'s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l list -d 'List the checks; nothing is asked of AWS or Vault'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l strict -d 'Exit 9 if any check is skipped'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l admin -d 'Read Vault\'s documents with the token of VAULT_TOKEN or the token store'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l topology -d 'Who logs in: a role shared with Vault\'s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]' -r -f -a "article\t''
separate\t''
direct\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l region -d 'AWS region; else the profile\'s, else the instance\'s [env: AWS_REGION, AWS_DEFAULT_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l profile -d 'AWS profile to take credentials from [env: AWS_PROFILE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l account-id -d 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l kong-role -d 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l login-role -d 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l login-account-id -d 'AWS account of the login role, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l assume-role-arn -d 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l external-id -d 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l session-name -d 'Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l session-policy -d 'Policy for the session: deny-all, none, or a file; Vault\'s login needs no permission [default: deny-all]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l address -d 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l namespace -d 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l auth-mount -d 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l auth-role -l role -d 'Role of Vault\'s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l server-id -d 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l sts -d 'Which STS endpoint Vault asks: the client\'s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]' -r -f -a "client\t''
regional\t''
global\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l sts-region -d 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l ca-cert -d 'PEM file with the authorities that Vault\'s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l ca-path -d 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]' -r -f -a "(__fish_complete_directories)"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l client-cert -d 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l client-key -d 'PEM file with the client certificate\'s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l tls-server-name -d 'Name that Vault\'s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l timeout -d 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l max-retries -d 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l record -d 'Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l admin-profile -d 'Look for the cause in IAM with this AWS profile; it only reads' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l no-assume -d 'Assume no role: log in with the credentials as they are'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l allow-http -d 'Allow plain http to a host that is not this machine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l skip-verify -d 'Do not check Vault\'s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l explain -d 'Show each step as it happens; on failure, say who refused and why'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l token-only -d 'Print the bare token and store nothing'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l show-token -d 'Show the token in the table or document'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l no-store -d 'Store nothing; the token is revoked at the end unless it is printed'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l force -d 'Replace a stored token even if it is alive and somebody else\'s'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l admin -d 'Look for the cause with the token of VAULT_TOKEN or the token store; it only reads'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand login" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l topology -d 'Who logs in: a role shared with Vault\'s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]' -r -f -a "article\t''
separate\t''
direct\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l region -d 'AWS region; else the profile\'s, else the instance\'s [env: AWS_REGION, AWS_DEFAULT_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l profile -d 'AWS profile to take credentials from [env: AWS_PROFILE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l account-id -d 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l kong-role -d 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l login-role -d 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l login-account-id -d 'AWS account of the login role, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l assume-role-arn -d 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l external-id -d 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l session-name -d 'Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l session-policy -d 'Policy for the session: deny-all, none, or a file; Vault\'s login needs no permission [default: deny-all]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l address -d 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l namespace -d 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l auth-mount -d 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l auth-role -d 'Role of Vault\'s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l server-id -d 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l sts -d 'Which STS endpoint Vault asks: the client\'s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]' -r -f -a "client\t''
regional\t''
global\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l sts-region -d 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l ca-cert -d 'PEM file with the authorities that Vault\'s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l ca-path -d 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]' -r -f -a "(__fish_complete_directories)"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l client-cert -d 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l client-key -d 'PEM file with the client certificate\'s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l tls-server-name -d 'Name that Vault\'s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l timeout -d 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l max-retries -d 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l token-source -d 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]' -r -f -a "auto\t''
env\t''
stored\t''
aws\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l kv-mount -d 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l kv-version -d 'Version of the KV engine; found when it is not given' -r -f -a "1\t''
2\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l kv-namespace -d 'Namespace of the KV engine, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -s f -l field -d 'Print the bare value of this field' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l version -d 'Read this version (KV version 2)' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l record -d 'Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l admin-profile -d 'Look for the cause in IAM with this AWS profile; it only reads' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''
table\t''
raw\t''
yaml\t''
dotenv\t''
shell\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l no-assume -d 'Assume no role: log in with the credentials as they are'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l allow-http -d 'Allow plain http to a host that is not this machine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l skip-verify -d 'Do not check Vault\'s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l explain -d 'Log in through AWS and show each step'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l admin -d 'Look for the cause with the token of VAULT_TOKEN or the token store; it only reads'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand get" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l topology -d 'Who logs in: a role shared with Vault\'s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]' -r -f -a "article\t''
separate\t''
direct\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l region -d 'AWS region; else the profile\'s, else the instance\'s [env: AWS_REGION, AWS_DEFAULT_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l profile -d 'AWS profile to take credentials from [env: AWS_PROFILE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l account-id -d 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l kong-role -d 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l login-role -d 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l login-account-id -d 'AWS account of the login role, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l assume-role-arn -d 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l external-id -d 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l session-name -d 'Name of the assumed session; else vaultiam- and the user [env: AWS_ROLE_SESSION_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l session-policy -d 'Policy for the session: deny-all, none, or a file; Vault\'s login needs no permission [default: deny-all]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l address -d 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l namespace -d 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l auth-mount -d 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l auth-role -d 'Role of Vault\'s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l server-id -d 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l sts -d 'Which STS endpoint Vault asks: the client\'s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]' -r -f -a "client\t''
regional\t''
global\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l sts-region -d 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l ca-cert -d 'PEM file with the authorities that Vault\'s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l ca-path -d 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]' -r -f -a "(__fish_complete_directories)"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l client-cert -d 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l client-key -d 'PEM file with the client certificate\'s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l tls-server-name -d 'Name that Vault\'s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l timeout -d 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l max-retries -d 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l token-source -d 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]' -r -f -a "auto\t''
env\t''
stored\t''
aws\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l kv-mount -d 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l kv-version -d 'Version of the KV engine; found when it is not given' -r -f -a "1\t''
2\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l kv-namespace -d 'Namespace of the KV engine, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l cas -d 'Write only if N is the current version; 0: only if there is none (KV version 2)' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l record -d 'Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l admin-profile -d 'Look for the cause in IAM with this AWS profile; it only reads' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l no-assume -d 'Assume no role: log in with the credentials as they are'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l allow-http -d 'Allow plain http to a host that is not this machine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l skip-verify -d 'Do not check Vault\'s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l patch -d 'Keep the fields that are not given (KV version 2)'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -s y -l yes -d 'Replace without asking, even if fields vanish'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l explain -d 'Show each step as it happens'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l admin -d 'Look for the cause with the token of VAULT_TOKEN or the token store; it only reads'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand put" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and not __fish_seen_subcommand_from render" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and not __fish_seen_subcommand_from render" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and not __fish_seen_subcommand_from render" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and not __fish_seen_subcommand_from render" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and not __fish_seen_subcommand_from render" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and not __fish_seen_subcommand_from render" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and not __fish_seen_subcommand_from render" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and not __fish_seen_subcommand_from render" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and not __fish_seen_subcommand_from render" -f -a "render" -d 'Write the vault that Kong reads its secrets from, and show how to name them'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l topology -d 'Who logs in: a role shared with Vault\'s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]' -r -f -a "article\t''
separate\t''
direct\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l region -d 'AWS region; else the profile\'s, else the instance\'s [env: AWS_REGION, AWS_DEFAULT_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l account-id -d 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l login-role -d 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l login-account-id -d 'AWS account of the login role, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l assume-role-arn -d 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l address -d 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l namespace -d 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l auth-mount -d 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l auth-role -d 'Role of Vault\'s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l sts -d 'Which STS endpoint Vault asks: the client\'s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]' -r -f -a "client\t''
regional\t''
global\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l sts-region -d 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l ca-cert -d 'PEM file with the authorities that Vault\'s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l kv-mount -d 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l kv-version -d 'Version of the KV engine; found when it is not given' -r -f -a "1\t''
2\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l kv-prefix -d 'What Kong may read below the mount [default: kong/]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l kv-namespace -d 'Namespace of the KV engine, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l kong-prefix -d 'Prefix of Kong\'s vault entity [default: my-vault]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l format -d 'What the file is for [default: deck]' -r -f -a "deck\t''
kong.conf\t''
env\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l allow-http -d 'Allow plain http to a host that is not this machine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand kong; and __fish_seen_subcommand_from render" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l stack -d 'Name of the set-up; marks what vaultiam owns [env: VAULTIAM_STACK] [default: kong]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l topology -d 'Who logs in: a role shared with Vault\'s server, a login role of its own, or KongRole itself [env: VAULTIAM_TOPOLOGY] [default: article]' -r -f -a "article\t''
separate\t''
direct\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l region -d 'AWS region; else the profile\'s, else the instance\'s [env: AWS_REGION, AWS_DEFAULT_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l profile -d 'AWS profile to take credentials from [env: AWS_PROFILE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l account-id -d 'AWS account of the roles; else taken from the role ARN, the credentials or STS [env: VAULTIAM_ACCOUNT_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l kong-role -d 'IAM role that Kong runs with [env: VAULTIAM_KONG_ROLE] [default: KongRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l login-role -d 'IAM role that is assumed for the login and that Vault binds [env: VAULTIAM_LOGIN_ROLE] [default: VaultRole]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l login-account-id -d 'AWS account of the login role, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l server-role -d 'IAM role that Vault\'s servers run with' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l assume-role-arn -d 'ARN of the role to assume; else made from account and login role [env: VAULTIAM_ASSUME_ROLE_ARN]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l external-id -d 'External id that the trust policy asks for [env: VAULTIAM_EXTERNAL_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l workload -d 'What Kong runs on [default: ec2]' -r -f -a "ec2\t''
ecs\t''
eks-pod-identity\t''
irsa\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l address -d 'Address of Vault [env: VAULT_ADDR, BAO_ADDR] [default: https://127.0.0.1:8200]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l namespace -d 'Namespace of the auth method [env: VAULT_NAMESPACE, BAO_NAMESPACE]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l auth-mount -d 'Path at which the aws auth method is mounted [env: VAULTIAM_AUTH_MOUNT] [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l auth-type -d 'Type of the auth method; OpenBao\'s plugin has a name of its own [default: aws]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l auth-role -d 'Role of Vault\'s auth method [env: VAULTIAM_AUTH_ROLE] [default: kong-role]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l policy -d 'Vault policy of the token [default: kong-policy]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l ttl -d 'How long a token lives [default: 1h]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l max-ttl -d 'How long a token can be renewed [default: 24h]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l server-id -d 'Value of the X-Vault-AWS-IAM-Server-ID header, to be signed [env: VAULTIAM_SERVER_ID]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l sts -d 'Which STS endpoint Vault asks: the client\'s region, one region, or the global one (default: client, for a Vault before 1.15 regional) [env: VAULTIAM_STS]' -r -f -a "client\t''
regional\t''
global\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l sts-region -d 'Region that is signed for Vault [env: VAULTIAM_STS_REGION]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l ca-cert -d 'PEM file with the authorities that Vault\'s certificate is checked against [env: VAULT_CACERT, BAO_CACERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l ca-path -d 'Directory of PEM files with authorities [env: VAULT_CAPATH, BAO_CAPATH]' -r -f -a "(__fish_complete_directories)"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l client-cert -d 'PEM file with the client certificate [env: VAULT_CLIENT_CERT, BAO_CLIENT_CERT]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l client-key -d 'PEM file with the client certificate\'s key [env: VAULT_CLIENT_KEY, BAO_CLIENT_KEY]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l tls-server-name -d 'Name that Vault\'s certificate must carry [env: VAULT_TLS_SERVER_NAME, BAO_TLS_SERVER_NAME]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l timeout -d 'Time limit of a request to Vault; Vault itself may wait 90 s for STS [env: VAULT_CLIENT_TIMEOUT, BAO_CLIENT_TIMEOUT] [default: 60s]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l max-retries -d 'How often a request to Vault is tried again [env: VAULT_MAX_RETRIES, BAO_MAX_RETRIES] [default: 2]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l token-source -d 'Where the Vault token comes from: VAULT_TOKEN, the stored one, the AWS login, or the first that is there [default: auto]' -r -f -a "auto\t''
env\t''
stored\t''
aws\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l kv-mount -d 'Mount of the KV engine; behind the flag, paths are relative to it (default: kv in setup, the first part of the path in get)' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l kv-version -d 'Version of the KV engine; found when it is not given' -r -f -a "1\t''
2\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l kv-prefix -d 'What Kong may read below the mount [default: kong/]' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l kv-namespace -d 'Namespace of the KV engine, when it is another' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l only -d 'Look at and change one side only' -r -f -a "aws\t''
vault\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l record -d 'Write the trace to FILE as JSON, without secrets; vaultiam explain FILE reads it' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l delete-secrets -d 'Also delete this KV engine and every secret in it; without it none is touched' -r -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l allow-http -d 'Allow plain http to a host that is not this machine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l skip-verify -d 'Do not check Vault\'s certificate (a warning is printed) [env: VAULT_SKIP_VERIFY, BAO_SKIP_VERIFY]'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l plan -d 'Show the plan and change nothing; exit 3 if there are changes, 0 if none'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -s y -l yes -d 'Make the changes without asking'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l explain -d 'Show each look and each change as it happens'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand teardown" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''
json\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -l list -d 'List all codes'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand completions" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand completions" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand completions" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand completions" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand completions" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand completions" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand completions" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand completions" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand man" -l dir -d 'Write every page into DIR, which is made if it is missing' -r -f -a "(__fish_complete_directories)"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand man" -s o -l output -d 'Form of the answer: human or json; get also takes table, raw, yaml, dotenv, shell, and check junit, sarif, prometheus [default: human]' -r -f -a "human\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand man" -l config -d 'Settings file [env: VAULTIAM_CONFIG] [default: ~/.config/vaultiam/config.yaml]' -r -F
complete -c vaultiam -n "__fish_vaultiam_using_subcommand man" -l color -d 'Colour: auto, always, never [default: auto]' -r -f -a "auto\t''
always\t''
never\t''"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand man" -s q -l quiet -d 'Print only the answer, and errors in one line'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand man" -s v -l verbose -d 'Show more: with --explain, the command that does each step by hand'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand man" -l no-input -d 'Never ask'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand man" -l no-progress -d 'Show no spinner'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand man" -s h -l help -d 'Print help'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "init" -d 'Write a settings file that explains every setting'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "setup" -d 'Provision the IAM roles, and Vault\'s auth method, role, policy and KV engine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "check" -d 'Check the whole chain from both sides: would Kong get in and read its secrets?'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "login" -d 'Log in to Vault with AWS credentials'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "get" -d 'Read secrets from the KV engine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "put" -d 'Write a secret to the KV engine'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "kong" -d 'Kong\'s own configuration for this login'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "teardown" -d 'Remove what setup made, and nothing else'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "explain" -d 'Say what a finding code means, or what a recorded run met, without a network'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "completions" -d 'Print what makes a shell complete commands, options and their values'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "man" -d 'Print a man page, or write them all'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and not __fish_seen_subcommand_from init setup check login get put kong teardown explain completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c vaultiam -n "__fish_vaultiam_using_subcommand help; and __fish_seen_subcommand_from kong" -f -a "render" -d 'Write the vault that Kong reads its secrets from, and show how to name them'
complete -c vaultiam -f
complete -c vaultiam -n "__fish_vaultiam_using_subcommand explain" -a "AWS101\t'no provider of the credential chain had credentials'
AWS102\t'instance metadata does not answer the token request: hop limit'
AWS103\t'the instance has no instance profile'
AWS104\t'the metadata service is off, blocked or not reachable'
AWS105\t'the session is expired'
AWS106\t'the access key is unknown or inactive'
AWS107\t'a temporary key (ASIA) without its session token'
AWS108\t'the secret key is wrong'
AWS109\t'key id and secret are swapped, or the key id is malformed'
AWS110\t'half of a key pair is set'
AWS111\t'the SSO login is expired'
AWS112\t'the profile does not exist or is incomplete'
AWS113\t'the web identity token is refused'
AWS114\t'the caller is not the identity that was meant'
AWS115\t'the root user of the account is used'
AWS116\t'no region is set, or it is unknown'
AWS117\t'credential_process failed'
AWS118\t'the container credential endpoint failed'
AWS119\t'the instance\'s role does not trust ec2'
AWS120\t'the token file cannot be read'
AWS121\t'SSO does not give this role in this account'
AWS201\t'the role does not exist in this account'
AWS202\t'the trust policy does not name the caller'
AWS203\t'the trust policy wants an external id: missing or another'
AWS204\t'another condition of the trust policy is not met'
AWS205\t'the trust policy names a deleted principal'
AWS206\t'the caller has no permission for sts:AssumeRole on this role'
AWS207\t'an explicit deny refuses the call'
AWS208\t'the permissions boundary does not allow it'
AWS209\t'a service control policy of the organisation refuses'
AWS210\t'the role ARN is malformed'
AWS211\t'the caller already is the role: assuming itself'
AWS212\t'the duration is above the role\'s maximum'
AWS213\t'the duration is above the hour of a chained session'
AWS214\t'session name or external id has a form that STS refuses'
AWS215\t'AWS cannot be reached, or what answers is not AWS'
AWS216\t'the role or its policy is seconds old: AWS does not know it everywhere yet'
AWS217\t'AWS throttled the requests'
AWS218\t'STS is not active in this region, or the region is not enabled'
AWS219\t'denied, reason not visible with the rights at hand'
AWS220\t'the session policy is malformed, or policy and tags are too large'
AWS221\t'the role exists under another path'
AWS222\t'sts:TagSession is not allowed'
AWS223\t'a resource control policy refuses'
AWS224\t'a VPC endpoint policy refuses'
AWS301\t'the operator lacks a permission in AWS'
AWS302\t'it exists and is not ours'
AWS303\t'the policy names a principal that does not exist'
AWS304\t'the policy names a principal that AWS does not know everywhere yet'
AWS305\t'the policy document is malformed'
AWS306\t'a quota of IAM is reached'
AWS307\t'it cannot be deleted yet: something hangs on it'
AWS308\t'changed by somebody else at the same time'
AWS309\t'roles may only be made with a permissions boundary'
AWS310\t'the operator is in another account than the settings say'
AWS311\t'the instance profile holds another role'
AWS312\t'IAM does not take what the settings name'
SIG401\t'signed for one region, Vault asks STS of another'
SIG402\t'scope region and host of the signed request disagree'
SIG403\t'the signer\'s clock is behind'
SIG404\t'the signer\'s clock is ahead'
SIG405\t'a signed request was used again after its time'
SIG406\t'the signature does not fit: wrong secret key, seen only through Vault'
SIG407\t'Vault wants a server id header, none was sent'
SIG408\t'the server id has another value'
SIG409\t'the server id header was not signed'
SIG410\t'Vault does not allow one of the signed headers'
SIG411\t'credentials of another partition'
SIG412\t'Vault\'s SDK knows no STS endpoint for this region'
SIG413\t'Vault refuses the form of the login request'
SIG414\t'STS throttled Vault'
SIG415\t'the signed request was changed on its way'
VLT501\t'Vault\'s host name does not resolve'
VLT502\t'connection refused at Vault\'s address'
VLT503\t'no answer from Vault in time'
VLT504\t'the authority of Vault\'s certificate is unknown'
VLT505\t'Vault\'s certificate is for another name'
VLT506\t'Vault\'s certificate is expired or not yet valid'
VLT507\t'Vault wants a client certificate'
VLT508\t'https spoken to a plain port'
VLT509\t'http spoken to a TLS port'
VLT510\t'something answers that is not Vault'
VLT511\t'Vault is sealed'
VLT512\t'Vault is not initialised'
VLT513\t'a standby without an active node'
VLT514\t'a disaster-recovery secondary'
VLT515\t'the namespace is missing or unknown'
VLT516\t'a quota of Vault is reached'
VLT517\t'a redirect that must not be followed, or a loop'
VLT518\t'the proxy refuses'
VLT519\t'Vault failed inside (5xx)'
VLT520\t'Vault\'s address is malformed'
VLT521\t'this Vault is too old for what the settings ask'
VLT522\t'the node has not caught up (412)'
VLT523\t'the listener wants an X-Forwarded-For header'
VLT601\t'no auth method is mounted at this path'
VLT602\t'the mount at this path is another auth method'
VLT603\t'the Vault role does not exist'
VLT604\t'the Vault role is of type ec2'
VLT605\t'the caller is not the bound principal'
VLT606\t'the caller is KongRole and Vault binds VaultRole: assume step left out'
VLT607\t'the IAM role was re-created, Vault binds the old unique id'
VLT608\t'the bound ARN has a path and unique ids are off'
VLT609\t'the bound ARN is an assumed-role (sts) ARN'
VLT610\t'the wildcard of the binding does not match'
VLT611\t'the bound principal is in another account or partition'
VLT612\t'Vault may not call iam:GetRole (wildcard look-up)'
VLT613\t'look-up in another account without config/sts'
VLT614\t'Vault has no AWS credentials, or bad ones'
VLT615\t'the role infers an EC2 instance, the session is none'
VLT616\t'the inferred instance fails a binding'
VLT617\t'the role\'s bound CIDRs do not hold this address'
VLT618\t'the login wants a second factor'
VLT619\t'the entity is disabled'
VLT620\t'Vault cannot reach STS'
VLT621\t'what Vault asks as STS is not STS'
VLT622\t'sts_endpoint is malformed'
VLT623\t'writing the role: Vault may not call iam:GetRole'
VLT624\t'writing the role: Vault does not find the principal'
VLT625\t'writing the role: another account without config/sts'
VLT626\t'writing the role: a field that cannot change'
VLT627\t'config/client dropped a field it does not know'
VLT628\t'config/client was never written'
VLT629\t'sts_endpoint is set without its sts_region'
VLT630\t'a kind of principal that Vault cannot bind'
VLT631\t'login denied, reason not visible with the rights at hand'
VLT632\t'the role or identity hands out a policy that logins may not get'
VLT633\t'an IAM role name or ARN was given as Vault role'
VLT635\t'this server has no aws auth method'
VLT636\t'the operator\'s token lacks a right that setup needs'
VLT637\t'the path is in use by another kind of mount'
VLT638\t'it exists in Vault and is not ours'
VLT639\t'it reads back from Vault differently from what was written'
VLT640\t'Vault may not look up the EC2 instance that the role infers'
VLT641\t'the role that Vault was told for an account does not let Vault in'
VLT701\t'the token is invalid, expired or revoked'
VLT702\t'no policy of the token grants this path'
VLT703\t'the policy lacks data/'
VLT704\t'the role names a policy that does not exist'
VLT705\t'the token has no policy but default'
VLT706\t'a policy denies this path'
VLT707\t'no secret at this path'
VLT708\t'the secret has no such field'
VLT709\t'this version is deleted'
VLT710\t'this version is destroyed'
VLT711\t'this version never existed'
VLT712\t'no engine is mounted at this path'
VLT713\t'a v1 path on a v2 engine'
VLT714\t'a v2 path on a v1 engine'
VLT715\t'data/ or the mount stands twice in the path'
VLT716\t'check-and-set refused the write'
VLT717\t'the engine is being upgraded'
VLT718\t'not a KV engine'
VLT719\t'the token cannot be renewed'
VLT720\t'the token\'s uses are spent'
VLT721\t'VAULT_TOKEN shadows the stored token'
VLT722\t'mount missing or denied: cannot be told apart with these rights'
VLT723\t'Vault refused the request in words of its own'
VLT725\t'a control group or Sentinel policy refuses'
SEC001\t'a trust policy that anyone can use'
SEC002\t'Kong shares the Vault server\'s identity'
SEC003\t'the policy grants more than reading the prefix'
SEC004\t'plain http to a Vault that is not local'
SEC005\t'certificate checks are off'
SEC006\t'static AWS keys in config/client'
SEC007\t'no server id: a captured login request works on any Vault'
SEC008\t'tokens live too long'
SEC009\t'a root token is in use'
SEC010\t'no audit device is enabled'
SEC011\t'a token or settings file is open to others'
CFG901\t'the settings file cannot be read'
CFG902\t'unknown key in the settings'
CFG903\t'a setting has a value of the wrong type or form'
CFG904\t'a needed setting is missing'
CFG905\t'two settings contradict each other'
CFG906\t'wrong usage of the command line'
CFG907\t'a confirmation is needed and nobody can be asked'
CFG908\t'the token cannot be stored'
CFG909\t'an output file cannot be written'"
complete -c vaultiam -n "__fish_vaultiam_using_subcommand completions" -a "bash\t''
zsh\t''
fish\t''
powershell\t''
elvish\t''
nushell\t''"
