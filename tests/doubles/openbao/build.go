//go:build never

// Package openbaobuild pins the aws auth method that the tests run in OpenBao,
// whose core has none. OpenBao's own plugin (openbao-plugins, auth/aws) is the
// method as HashiCorp Vault had it shortly before 1.15.0, but its Go module has
// no released version to require. So it is the method of 1.15.0, with the
// plugin's version of AWS's SDK: the same configuration, roles, logins, errors,
// and the same crash where config/client was never written. It takes more than
// the plugin in two places: logins signed as GET, and the header
// X-Amz-User-Agent. Nothing of it is linked into or shipped with vaultiam.
package openbaobuild

import _ "github.com/hashicorp/vault/builtin/credential/aws/cmd/aws"
