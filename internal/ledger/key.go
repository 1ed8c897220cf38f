package ledger

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"

	"kitei.dev/kitei/api/v1alpha1"
)

// PayloadType of an envelope: an in-toto statement.
const PayloadType = "application/vnd.in-toto+json"

// Public is the key with which anybody can check a seal or a record.
type Public struct {
	key ed25519.PublicKey
	id  string
}

// Key is the operator's key, with which it seals and signs.
type Key struct {
	Public
	private ed25519.PrivateKey
}

// NewKey makes a key.
func NewKey() (Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("make the ledger's key: %w", err)
	}
	return keyOf(private)
}

func keyOf(private ed25519.PrivateKey) (Key, error) {
	public, err := publicOf(private.Public().(ed25519.PublicKey))
	return Key{Public: public, private: private}, err
}

func publicOf(key ed25519.PublicKey) (Public, error) {
	id, err := dsse.SHA256KeyID(key)
	if err != nil {
		return Public{}, fmt.Errorf("name the ledger's key: %w", err)
	}
	return Public{key: key, id: id}, nil
}

// PEM writes the private key as PKCS #8.
func (k Key) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, fmt.Errorf("encode the ledger's key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// ParseKey reads what [Key.PEM] wrote.
func ParseKey(text []byte) (Key, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return Key{}, errors.New("the ledger's key is no PEM block of type PRIVATE KEY")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return Key{}, fmt.Errorf("parse the ledger's key: %w", err)
	}
	private, is := parsed.(ed25519.PrivateKey)
	if !is {
		return Key{}, fmt.Errorf("the ledger's key is a %T, not an Ed25519 key", parsed)
	}
	return keyOf(private)
}

// PEM writes the public key as PKIX.
func (p Public) PEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(p.key)
	if err != nil {
		return nil, fmt.Errorf("encode the ledger's public key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// ParsePublic reads what [Public.PEM] wrote.
func ParsePublic(text []byte) (Public, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != "PUBLIC KEY" {
		return Public{}, errors.New("the ledger's public key is no PEM block of type PUBLIC KEY")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return Public{}, fmt.Errorf("parse the ledger's public key: %w", err)
	}
	key, is := parsed.(ed25519.PublicKey)
	if !is {
		return Public{}, fmt.Errorf("the ledger's public key is a %T, not an Ed25519 key", parsed)
	}
	return publicOf(key)
}

// ParsePublics reads several public keys, one after the other.
func ParsePublics(text []byte) ([]Public, error) {
	var keys []Public
	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		key, err := ParsePublic(pem.EncodeToMemory(block))
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("it holds no PEM block of type PUBLIC KEY")
	}
	return keys, nil
}

// ID of the key: "SHA256:" and the SHA-256 of its SSH form, in base64, as ssh-keygen -l prints it.
func (p Public) ID() string { return p.id }

// KeyID implements dsse's interfaces.
func (p Public) KeyID() (string, error) { return p.id, nil }

// Public implements dsse.Verifier.
func (p Public) Public() crypto.PublicKey { return p.key }

// Verify implements dsse.Verifier.
func (p Public) Verify(_ context.Context, data, signature []byte) error {
	if !ed25519.Verify(p.key, data, signature) {
		return errors.New("the signature is not of this key")
	}
	return nil
}

// Sign implements dsse.Signer.
func (k Key) Sign(_ context.Context, data []byte) ([]byte, error) {
	return ed25519.Sign(k.private, data), nil
}

// sealType keeps a seal from passing for anything else that the key signs.
const sealType = "application/vnd.kitei.entry+json"

func (k Key) sign(content []byte) v1alpha1.Seal {
	return v1alpha1.Seal(base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, content)))
}

func (p Public) signed(content []byte, seal v1alpha1.Seal) bool {
	signature, err := base64.StdEncoding.DecodeString(string(seal))
	return err == nil && len(p.key) == ed25519.PublicKeySize && ed25519.Verify(p.key, content, signature)
}

// sealed is what a seal signs. A submission is sealed before the API server has given a new object its name and UID: its seal
// rests on the content, the applicant and the time.
func sealed(entry v1alpha1.LedgerEntry) []byte {
	if entry.Kind == v1alpha1.EntrySubmission {
		entry.Name, entry.UID = "", ""
	}
	text, err := json.Marshal(entry)
	if err != nil {
		panic(fmt.Sprintf("encode an entry: %v", err)) // cannot happen: it holds strings and numbers
	}
	return dsse.PAE(sealType, text)
}
