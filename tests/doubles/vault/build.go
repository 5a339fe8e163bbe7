//go:build never

// Package vaultbuild pins the HashiCorp Vault that the tests run against: its
// server, and the aws auth method as a plugin. Nothing of it is linked into or
// shipped with vaultiam.
package vaultbuild

import (
	_ "github.com/hashicorp/vault"
	_ "github.com/hashicorp/vault/builtin/credential/aws/cmd/aws"
)
