// SPDX-License-Identifier: Apache-2.0
// ELF images of CUDA's kind made by hand, sound or spoilt on purpose.
#pragma once

#include <elf.h>

#include <cstring>
#include <string>
#include <vector>

/// An image with functions and whatever a test puts in their place; as small as one can be.
struct MadeCubin {
  Elf64_Ehdr header{};
  std::vector<Elf64_Shdr> sections;
  std::string names = std::string(1, '\0');
  std::string contents;  // of all sections, from the end of the header

  MadeCubin() : sections(1) {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_machine = EM_CUDA;
    header.e_shentsize = sizeof(Elf64_Shdr);
  }

  Elf64_Shdr& add(const std::string& name, const std::string& content) {
    Elf64_Shdr section{};
    section.sh_type = SHT_PROGBITS;
    section.sh_name = static_cast<Elf64_Word>(names.size());
    section.sh_offset = sizeof(header) + contents.size();
    section.sh_size = content.size();
    names += name + '\0';
    contents += content;
    sections.push_back(section);
    return sections.back();
  }

  /// Returns header, contents, names, then the table.
  std::string image() {
    Elf64_Shdr of_names{};
    of_names.sh_type = SHT_STRTAB;
    of_names.sh_offset = sizeof(header) + contents.size();
    of_names.sh_size = names.size();
    std::vector<Elf64_Shdr> table = sections;
    table.push_back(of_names);
    header.e_shoff = of_names.sh_offset + of_names.sh_size;
    header.e_shnum = static_cast<Elf64_Half>(table.size());
    header.e_shstrndx = static_cast<Elf64_Half>(table.size() - 1);
    if (many_sections) {  // as the ELF specification demands for more than 0xfeff
      table[0].sh_size = table.size();
      table[0].sh_link = static_cast<Elf64_Word>(table.size() - 1);
      header.e_shnum = 0;
      header.e_shstrndx = SHN_XINDEX;
    }
    return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + contents + names +
           std::string(reinterpret_cast<const char*>(table.data()),
                       table.size() * sizeof(Elf64_Shdr));
  }

  bool many_sections = false;
};
