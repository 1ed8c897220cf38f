package main

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"kitei.dev/kitei/api/v1alpha1"
)

// image is what the measured Pods run; pattern covers it.
const (
	image   = "registry.arakawa.example/bench/web:1.4.2"
	pattern = v1alpha1.ImagePattern("registry.arakawa.example/bench/web:1.4.*")
)

// classLabels class an asset as the bench's systems are classed.
func classLabels() map[string]string {
	return map[string]string{v1alpha1.LabelConfidentiality: "3B", v1alpha1.LabelIntegrity: "2", v1alpha1.LabelAvailability: "2"}
}

// system makes a system of デジタル推進課 with namespaces.
func (s *stage) system(ctx context.Context, name string, namespaces ...string) error {
	return s.systemOf(ctx, "digital-promotion", name, namespaces...)
}

func (s *stage) systemOf(ctx context.Context, section, name string, namespaces ...string) error {
	return s.cio.Create(ctx, &v1alpha1.ElectronicSystem{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.ElectronicSystemSpec{
			DisplayName: "計測システム", Duty: "計測事務", Namespaces: namespaces,
			ManagingSectionRef: &v1alpha1.NameReference{Name: section},
			Classification:     &v1alpha1.Classification{Confidentiality: "3B", Integrity: "2", Availability: "2"},
		},
	})
}

// submit applies for the introduction of a system, as デジタル推進課長.
func (s *stage) submit(ctx context.Context, system string, images ...v1alpha1.ImagePattern) error {
	config, err := s.cluster.AddUser("digital-head", "system:masters", digitalGroup)
	if err != nil {
		return err
	}
	applicant, err := client.New(config, client.Options{Scheme: s.admin.Scheme(), Mapper: s.admin.RESTMapper()})
	if err != nil {
		return fmt.Errorf("make a client: %w", err)
	}
	return applicant.Create(ctx, &v1alpha1.ChangeApproval{
		ObjectMeta: metav1.ObjectMeta{Name: system},
		Spec: v1alpha1.ChangeApprovalSpec{
			SystemRef: v1alpha1.NameReference{Name: system}, Type: v1alpha1.ChangeIntroduction, Title: "計測システムの導入",
			Stage: v1alpha1.StageSubmitted,
			Criteria: &v1alpha1.Criteria{ResidentWelfare: "計測", AdministrativeEfficiency: "計測",
				PersonalInformationProtection: "計測"},
			Scope: v1alpha1.ApprovalScope{Images: images},
		},
	})
}

// approve decides an application, as 情報統括責任者 does with plain kubectl.
func (s *stage) approve(ctx context.Context, name string) error {
	return s.cio.Status().Patch(ctx, &v1alpha1.ChangeApproval{ObjectMeta: metav1.ObjectMeta{Name: name}},
		client.RawPatch("application/merge-patch+json", []byte(`{"status":{"decision":"Approved"}}`)))
}

// home makes a system with one namespace of the same name, and brings it to a clearance.
func (s *stage) home(ctx context.Context, name string, wanted v1alpha1.Clearance, images ...v1alpha1.ImagePattern) error {
	if err := s.system(ctx, name, name); err != nil {
		return err
	}
	if err := s.namespace(ctx, name, nil); err != nil {
		return err
	}
	if wanted != v1alpha1.ClearanceHeld {
		if err := s.submit(ctx, name, images...); err != nil {
			return err
		}
		if err := s.approve(ctx, name); err != nil {
			return err
		}
	}
	return s.cleared(ctx, name, wanted)
}
