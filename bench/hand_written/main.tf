# The measured estate as a competent person writes it by hand: `bench.deploy` deploys it beside IvC's, and `bench.plan`
# plans it over the same servers. That is why names, descriptions and metadata are those that IvC gives.

terraform {
  required_providers {
    openstack = {
      source  = "terraform-provider-openstack/openstack"
      version = "3.4.0"
    }
  }
}

provider "openstack" {}

variable "instances" {
  type    = number
  default = 10
}

locals {
  servers = {
    for number in range(var.instances) : "www-${number + 1}" => {
      number  = number
      address = cidrhost(openstack_networking_subnet_v2.backend.cidr, 10 + number)
    }
  }
  icmp = { IPv4 = "icmp", IPv6 = "ipv6-icmp" }
}

data "openstack_images_image_v2" "debian" {
  name        = "Debian 12"
  most_recent = true
}

data "openstack_compute_flavor_v2" "server" {
  name = "b2-7"
}

data "openstack_networking_network_v2" "internet" {
  name = "Ext-Net"
}

resource "openstack_networking_network_v2" "backend" {
  name                  = "backend"
  description           = "ivc:bench/backend"
  port_security_enabled = true
}

resource "openstack_networking_subnet_v2" "backend" {
  name        = "backend"
  description = "ivc:bench/backend"
  network_id  = openstack_networking_network_v2.backend.id
  cidr        = "10.0.0.0/20"
  no_gateway  = true
}

resource "openstack_networking_secgroup_v2" "web" {
  name                 = "web"
  description          = "Web servers [ivc:bench/web]"
  delete_default_rules = true
}

resource "openstack_networking_secgroup_rule_v2" "out" {
  for_each = local.icmp

  security_group_id = openstack_networking_secgroup_v2.web.id
  direction         = "egress"
  ethertype         = each.key
}

resource "openstack_networking_secgroup_rule_v2" "icmp" {
  for_each = local.icmp

  security_group_id = openstack_networking_secgroup_v2.web.id
  direction         = "ingress"
  ethertype         = each.key
  protocol          = each.value
}

resource "openstack_networking_secgroup_rule_v2" "http" {
  for_each = { for pair in setproduct(keys(local.icmp), [80, 443]) : join("-", pair) => pair }

  security_group_id = openstack_networking_secgroup_v2.web.id
  direction         = "ingress"
  ethertype         = each.value[0]
  protocol          = "tcp"
  port_range_min    = each.value[1]
  port_range_max    = each.value[1]
}

resource "openstack_networking_secgroup_rule_v2" "database" {
  for_each = local.icmp

  security_group_id = openstack_networking_secgroup_v2.web.id
  direction         = "ingress"
  ethertype         = each.key
  protocol          = "tcp"
  port_range_min    = 3306
  port_range_max    = 3306
  remote_group_id   = openstack_networking_secgroup_v2.web.id
}

resource "openstack_networking_port_v2" "internet" {
  for_each = local.servers

  name               = "${each.key}_Ext-Net"
  description        = "ivc:bench/${each.key}_Ext-Net"
  network_id         = data.openstack_networking_network_v2.internet.id
  security_group_ids = [openstack_networking_secgroup_v2.web.id]
}

resource "openstack_networking_port_v2" "backend" {
  for_each = local.servers

  name               = "${each.key}_backend"
  description        = "ivc:bench/${each.key}_backend"
  network_id         = openstack_networking_network_v2.backend.id
  security_group_ids = [openstack_networking_secgroup_v2.web.id]

  fixed_ip {
    subnet_id  = openstack_networking_subnet_v2.backend.id
    ip_address = each.value.address
  }
}

resource "openstack_compute_instance_v2" "www" {
  for_each = local.servers

  name      = each.key
  image_id  = data.openstack_images_image_v2.debian.id
  flavor_id = data.openstack_compute_flavor_v2.server.id
  key_pair  = "ops"
  tags      = ["web"]
  metadata  = { ivc = "bench/${each.key}" }

  user_data = templatefile("${path.module}/server.yaml.tftpl", {
    name    = each.key
    number  = each.value.number
    address = each.value.address
    site    = "shop.example"
  })

  network {
    port = openstack_networking_port_v2.internet[each.key].id
  }

  network {
    port = openstack_networking_port_v2.backend[each.key].id
  }
}

output "addresses" {
  value = {
    for name in keys(local.servers) : name => {
      internet = openstack_networking_port_v2.internet[name].all_fixed_ips
      backend  = openstack_networking_port_v2.backend[name].all_fixed_ips
    }
  }
}
